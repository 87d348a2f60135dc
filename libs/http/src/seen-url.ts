import type { IncomingMessage } from 'node:http';

const seen = new WeakMap<IncomingMessage, string>();

/** Notes the address of a request before the server makes another one of it for itself. */
export function keepSeenUrl(request: IncomingMessage): void {
  seen.set(request, request.url ?? '');
}

/** The address of a request as its sender sees it: what is relative on a page is relative to that. */
export const seenUrlOf = (request: IncomingMessage): string => seen.get(request) ?? request.url ?? '';
