import type { Metrics } from '@app/telemetry';
import type { FastifyInstance } from 'fastify';

/** Counts every answer. The route's pattern instead of the URL: labels are few, and a URL may hold a link's token. */
export function countRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onRequest', ({ method, routeOptions }, { raw }, done) => {
    const direction = directionOf(method, routeOptions.url);
    if (direction) raw.once('close', metrics.beginTransfer(direction));
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    metrics.countRequest({
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
      socket: request.raw.socket,
    });
    done();
  });
}

/** Routes over which the bytes of files come and go. */
const UPLOADS = new Set(['POST /api/upload', 'PATCH /api/uploads/:uploadId', 'POST /api/uploads']);
const DOWNLOADS = new Set(
  ['/api/files/:fileId/content', '/api/files/archive', '/link/:hash', '/link/:hash/content'].map((url) => `GET ${url}`),
);

function directionOf(method: string, url: string | undefined): 'up' | 'down' | undefined {
  const route = `${method} ${url}`;
  if (UPLOADS.has(route)) return 'up';
  return DOWNLOADS.has(route) ? 'down' : undefined;
}
