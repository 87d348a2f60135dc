import { ContractError } from '@app/contract';
import type { FastifyInstance } from 'fastify';
import { DOCS_PATH } from './openapi.js';

/** What Swagger UI is made of. Its package has more, which is nobody's business. */
const OWN_FILES =
  /^(?:index\.html|json|swagger-ui-init\.js|swagger-ui(?:-bundle|-standalone-preset)?\.(?:js|css)|favicon-\d+x\d+\.png)?$/;
const PATH = new RegExp(`^/${DOCS_PATH}(?:/([^?]*))?(?:\\?|$)`);

/** Serves Swagger UI's own files alone, and keeps it, which holds a token, from running or asking anything else. */
export function guardDocs(server: FastifyInstance, publicUrl: string): void {
  const ours = `'self' ${new URL(publicUrl).origin}`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src ${ours}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  server.addHook('onRequest', (request, reply, done) => {
    const found = PATH.exec(request.raw.url ?? '');
    if (!found) return done();
    void reply.header('content-security-policy', policy);
    done(OWN_FILES.test(found[1] ?? '') ? undefined : new ContractError('notFound'));
  });
}
