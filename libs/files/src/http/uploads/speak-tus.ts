import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { TUS_VERSION, tusOptions } from './tus.js';

const UPLOADS = /^\/api\/uploads(?:[/?]|$)/;
/** What a client may ask for whose surroundings know neither PATCH nor DELETE. */
const METHODS = new Set(['HEAD', 'PATCH', 'DELETE']);

/** Response headers that scripts of listed origins need for an upload. */
export const TUS_EXPOSED_HEADERS = [
  ...['Location', 'Content-Location', 'Tus-Resumable', 'Tus-Version', 'Tus-Extension', 'Tus-Max-Size'],
  ...['Tus-Checksum-Algorithm', 'Upload-Offset', 'Upload-Length', 'Upload-Metadata', 'Upload-Expires'],
];

/**
 * Takes the method that `X-HTTP-Method-Override` names for a request's own, as tus has it, before anybody judges by it:
 * guards, preflights and routes see the same request. For use as Fastify's `rewriteUrl`, which is the only place so early.
 * @returns the URL, as it was
 */
export function overrideMethod(request: IncomingMessage): string {
  const { url = '', headers } = request;
  const method = headers['x-http-method-override'];
  if (typeof method === 'string' && UPLOADS.test(url) && METHODS.has(method)) request.method = method;
  return url;
}

/**
 * Has every answer about uploads say which tus it is of, refusals and preflights too.
 * @param maxSize bytes of the largest file
 */
export function speakTus(server: FastifyInstance, maxSize: number): void {
  const options = tusOptions(maxSize);
  server.addHook('onRequest', ({ raw: { method, url = '' } }, reply, done) => {
    if (UPLOADS.test(url))
      void reply.headers({ 'tus-resumable': TUS_VERSION, ...(method === 'OPTIONS' ? options : {}) });
    done();
  });
}
