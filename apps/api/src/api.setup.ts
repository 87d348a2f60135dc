import { AppConfig } from '@app/config';
import { DataDirectoryLease, prepareDataDirectory, refuseLostDrive, type ServerLease } from '@app/data-directory';
import { FilesServerModule, TUS_EXPOSED_HEADERS } from '@app/files';
import { IntegrityServerModule } from '@app/integrity';
import { Metrics } from '@app/telemetry';
import { RequestMethod } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { ApiModule } from './api.module.js';
import { AuditTrail } from './audit/audit-trail.js';
import { createAdapter } from './http-server.js';
import { createLogger, PinoLoggerService } from './logging.js';
import { countRequests } from './metrics/count-requests.js';
import { setUpDocs } from './openapi.js';
import { servePage } from './web/serve-page.js';

/** Addresses outside of the API: those of links, short enough to be read out. */
const LINKS = ['link/:hash', 'link/:hash/use', 'link/:hash/content', 'link/assets/:name'];
/** Response headers that scripts of listed origins may read. */
const EXPOSED_HEADERS = [
  ...['Content-Disposition', 'ETag', 'Content-Range', 'X-Request-Id', 'Retry-After'],
  ...TUS_EXPOSED_HEADERS,
];

/** What the server, the OpenAPI document and the tests share: prefix, origins and documentation. */
export function configureApi(app: NestFastifyApplication, config: AppConfig): void {
  app.setGlobalPrefix('api', { exclude: LINKS.map((path) => ({ path, method: RequestMethod.ALL })) });
  if (config.corsOrigins.length > 0) {
    const listed = new Set(config.corsOrigins);
    app.enableCors({
      // Others get no header of CORS at all, and their preflight is a request for what is not there.
      origin: (origin: string | undefined, answer: (error: null, allowed: string | false) => void) =>
        answer(null, origin !== undefined && listed.has(origin) && origin),
      exposedHeaders: EXPOSED_HEADERS,
      // An OPTIONS of tus is no preflight, also from another origin.
      strictPreflight: false,
      methods: 'GET,HEAD,POST,PUT,PATCH,DELETE',
    });
  }
  setUpDocs(app, config);
}

/**
 * Builds the server, ready to listen: data directory locked, database migrated, storage proved, dead uploads undone.
 * @throws ConfigError, StorageUnusableError with a message for the admin
 */
export async function createApi(config: AppConfig): Promise<NestFastifyApplication> {
  prepareDataDirectory(config.dataDir);
  const lease = new DataDirectoryLease(config.dataDir);
  await lease.take();
  try {
    return await assemble(config, lease);
  } catch (error) {
    await lease.release();
    throw error;
  }
}

async function assemble(config: AppConfig, lease: ServerLease): Promise<NestFastifyApplication> {
  refuseLostDrive(config);
  const logger = createLogger(config.logLevel);
  const metrics = config.metrics && (await Metrics.create());
  const trail = new AuditTrail(config, logger);
  const adapter = createAdapter(config, logger);
  if (metrics) countRequests(adapter.getInstance<FastifyInstance>(), metrics);
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.of(config, lease, { metrics, trail }),
    adapter,
    {
      logger: new PinoLoggerService(logger, (fields) => {
        metrics?.countEvent(fields);
        return trail.note(fields);
      }),
      bodyParser: false,
      abortOnError: false,
    },
  );
  configureApi(app, config);
  await servePage(app);
  await app.init();
  await app.get(FilesServerModule).open();
  return app;
}

/** Listens, and only then begins the work that nobody waits for. */
export async function listen(app: NestFastifyApplication, config: AppConfig): Promise<void> {
  await app.listen(config.port, config.host);
  app.get(FilesServerModule).start();
  app.get(IntegrityServerModule).start();
}
