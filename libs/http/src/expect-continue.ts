import type { IncomingMessage, ServerResponse } from 'node:http';

const waiting = new WeakSet<IncomingMessage>();

/**
 * Notes that a client waits for `100 Continue` before it sends its body, so that a request that is refused never sends
 * it. For use as the server's `checkContinue` listener, before the request is handled like every other.
 */
export function deferContinue(request: IncomingMessage): void {
  waiting.add(request);
}

/** Asks for the body of a request whose client waits for that. */
export function expectBody(request: IncomingMessage, response: ServerResponse): void {
  if (waiting.delete(request) && !response.headersSent) response.writeContinue();
}

/** Whether the client still waits, so that its body will never come. */
export function isWaiting(request: IncomingMessage): boolean {
  return waiting.has(request);
}
