import { sessionCookieName } from '@app/accounts';
import { type AppConfig, VERSION } from '@app/config';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { modernize } from './openapi-31.js';

/** Where Swagger UI is. */
export const DOCS_PATH = 'docs';

const TAGS = {
  health: 'Whether the drive lives, and can do its work',
  accounts: 'Accounts and what they may store',
  sessions: 'Log-ins',
  tokens: 'API tokens, for programs',
  files: 'Files: upload, list, download, delete',
  uploads: 'Uploads in parts, which may break off (tus 1.0)',
  deletions: 'Receipts of deletes',
  sharing: 'Accesses: who may have a file, and how often',
  links: 'What whoever has a link gets, without a token',
  admin: 'For admins',
};

const COOKIE =
  "A browser's session, as `POST /api/session` opens it. A request that changes something must come from the drive's own " +
  'pages (`Sec-Fetch-Site: same-origin`, or its `Origin`). Beside a header `Authorization` it is not looked at.';

export function createDocument(app: INestApplication, { publicUrl }: AppConfig): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .addServer(publicUrl)
    .setTitle('DefDrive')
    .setDescription(
      'A self-hosted file drive. Every success is 200 with JSON (but for bytes, 206 and 304); every error is `{"error": "<text>", "code": "<name>"}`, of which programs compare the code. ' +
        'Log in with `POST /api/login`, then press **Authorize** and paste the token.',
    )
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'A token of `POST /api/login`, or an API token (`ddt_…`)',
    })
    .addCookieAuth(sessionCookieName(publicUrl), { type: 'apiKey', in: 'cookie', description: COOKIE }, 'cookie');
  for (const [name, about] of Object.entries(TAGS)) builder.addTag(name, about);
  return modernize(
    SwaggerModule.createDocument(app, builder.build(), { operationIdFactory: operationId, autoTagControllers: false }),
  );
}

/** Area and verb, such as `filesDelete`: clients are made from these, so a handler's name is part of the contract. */
function operationId(controller: string, method: string): string {
  const area = controller.replace(/Controller$/, '');
  return `${area[0]!.toLowerCase()}${area.slice(1)}${method[0]!.toUpperCase()}${method.slice(1)}`;
}

/** Swagger UI, whole on this server: nothing is fetched from elsewhere. */
export function setUpDocs(app: INestApplication, config: AppConfig): void {
  SwaggerModule.setup(DOCS_PATH, app, () => createDocument(app, config), {
    // Whoever came by another name than PUBLIC_URL's stays there: what the page asks elsewhere, the browser refuses.
    patchDocumentOnRequest: (request, _response, document) => {
      const { host } = (request as { headers: { host?: string } }).headers;
      if (!host || host === new URL(config.publicUrl).host) return document;
      return { ...document, servers: [{ url: '/' }, ...(document.servers ?? [])] };
    },
    jsonDocumentUrl: `${DOCS_PATH}/json`,
    raw: ['json'],
    customSiteTitle: 'DefDrive API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true },
  });
}
