import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { AppConfig } from '@app/config';
import { DataDirectoryLease } from '@app/data-directory';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import { configureApi } from './api.setup.js';
import { createAdapter } from './http-server.js';
import { createLogger } from './logging.js';
import { createDocument } from './openapi.js';

const FILE = 'openapi.json';

/** Writes openapi.json, or with `--check` fails when it is not what the code says. Touches no database and no disk. */
const config = new AppConfig({ LOG_LEVEL: 'silent' });
const module = ApiModule.of(config, new DataDirectoryLease(config.dataDir));
const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(config, createLogger('silent')), {
  logger: false,
  preview: true,
});
configureApi(app, config);
const document = `${JSON.stringify(createDocument(app, config), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, document);
} else if (readFileSync(FILE, 'utf8') !== document) {
  process.stderr.write(`${FILE} is not what the code says: run \`npm run openapi\` and commit it\n`);
  process.exitCode = 1;
}
await app.close();
