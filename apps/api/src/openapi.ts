import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Where Swagger UI is. */
export const DOCS_PATH = 'docs';

export function createDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('DefDrive')
    .setDescription(
      'A self-hosted file drive. Every success is 200 with JSON (but for bytes, 206 and 304); every error is `{"error": "<text>", "code": "<name>"}`, of which programs compare the code. ' +
        'Log in with `POST /api/login`, then press **Authorize** and paste the token.',
    )
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
}

/** Area and verb, such as `filesDelete`: clients are made from these, so a handler's name is part of the contract. */
function operationId(controller: string, method: string): string {
  const area = controller.replace(/Controller$/, '');
  return `${area[0]!.toLowerCase()}${area.slice(1)}${method[0]!.toUpperCase()}${method.slice(1)}`;
}

/** Swagger UI, whole on this server: nothing is fetched from elsewhere. */
export function setUpDocs(app: INestApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => createDocument(app), {
    jsonDocumentUrl: `${DOCS_PATH}/json`,
    raw: ['json'],
    customSiteTitle: 'DefDrive API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}
