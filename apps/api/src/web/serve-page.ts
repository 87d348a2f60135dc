import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Page } from './page.js';

/** Files of the build whose names change with their bytes, so that a browser need never ask again. */
const HASHED = /[/\\]assets[/\\]/;
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the page's screens and files, outside of Nest: nobody has to be logged in to get them. */
export async function servePage(app: NestFastifyApplication): Promise<void> {
  const page = app.get(Page);
  if (!page.directory) return;
  const server = app.getHttpAdapter().getInstance() as FastifyInstance;
  for (const url of page.screens) {
    server.route({ method: ['GET', 'HEAD'], url, handler: (request, reply) => page.send(request, reply) });
  }
  await app.register(fastifyStatic as never, {
    root: page.directory,
    wildcard: false,
    index: false,
    decorateReply: false,
    preCompressed: true,
    cacheControl: false,
    globIgnore: ['**/*.br', 'index.html', 'screens.json'],
    setHeaders: (reply: { setHeader?: never; header: (name: string, value: string) => unknown }, path: string) =>
      void reply.header('cache-control', HASHED.test(path) ? FOR_EVER : 'no-cache'),
  });
}
