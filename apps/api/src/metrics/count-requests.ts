import type { Metrics } from '@app/telemetry';
import type { FastifyInstance } from 'fastify';

/** Counts every answer. The route's pattern instead of the URL: labels are few, and a URL may hold a link's token. */
export function countRequests(server: FastifyInstance, metrics: Metrics): void {
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
