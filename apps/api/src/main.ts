import 'reflect-metadata';
import { AppConfig, renamedSettings } from '@app/config';
import { createApi, listen } from './api.setup.js';
import { DOCS_PATH } from './openapi.js';

try {
  const config = AppConfig.load();
  for (const warning of renamedSettings()) process.stderr.write(`Warning: ${warning}\n`);
  const app = await createApi(config);
  app.enableShutdownHooks();
  await listen(app, config);
  const address = await app.getUrl();
  process.stdout.write(`DefDrive is ready at ${address}\nSwagger UI is at ${address}/${DOCS_PATH}\n`);
} catch (error) {
  process.stderr.write(`DefDrive cannot start: ${(error as Error).message}\n`);
  process.exit(1);
}
