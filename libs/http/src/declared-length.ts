import type { IncomingMessage } from 'node:http';

/** Bytes of a request's body; none where it comes in chunks. */
export function declaredLength({ headers }: Pick<IncomingMessage, 'headers'>): number | undefined {
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
}
