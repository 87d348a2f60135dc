import type { Server } from 'node:http';
import { keepSeenUrl } from '@app/http';

/** Of our own routes; the page's have their own rules. */
const TRAILING = /^(\/(?:api|link|docs\/json)(?:\/[^?]*[^/?])?)\/(?=\?|$)/;

/**
 * A trailing slash answers as none. Neither Fastify's `ignoreTrailingSlash`, with which Swagger UI's routes collide, nor
 * its `rewriteUrl`, which logs the address of a link.
 */
export function dropTrailingSlashes(server: Server): void {
  server.prependListener('request', (request) => {
    if (!request.url?.endsWith('/') && !request.url?.includes('/?')) return;
    keepSeenUrl(request);
    request.url = request.url.replace(TRAILING, '$1');
  });
}
