import { ContractError } from '@app/contract';
import { OTHER_BODY } from '@app/http';
import type { FastifyInstance } from 'fastify';
import { exceedsBounds } from './json-bounds.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/**
 * JSON, which may be empty; any other body is left unread for whoever wants it, such as an upload. JSON is UTF-8 (RFC
 * 8259, 8.1): other bytes are refused. Replaced characters would be stored for a name, and as a password they would make
 * one of many.
 */
export function addParsers(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    const [, charset = 'utf-8'] = CHARSET.exec(request.headers['content-type'] ?? '') ?? [];
    const text = /^utf-?8$/i.test(charset) ? decode(body as Buffer) : undefined;
    if (text === undefined) return done(refuseBody('must be UTF-8'));
    if (exceedsBounds(text)) return done(refuseBody('is nested too deeply, or has too many values'));
    parseJson(request, text, done);
  });
  server.addContentTypeParser('*', ({ headers }, _payload, done) => {
    done(null, headers['content-length'] === '0' ? undefined : OTHER_BODY);
  });
}

export const NOT_JSON = 'must be JSON, sent with Content-Type: application/json';

/** Says what is wrong with a body as a whole. */
export function refuseBody(what: string): ContractError {
  return new ContractError('invalidBody', { fields: { details: { body: [what] } } });
}

/** Without a byte order mark. @returns undefined for what is not UTF-8 */
function decode(body: Buffer): string | undefined {
  try {
    return UTF8.decode(body);
  } catch {
    return undefined;
  }
}
