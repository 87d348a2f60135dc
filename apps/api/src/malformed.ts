import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf, type ErrorName, ERRORS } from '@app/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Errors of Node's parser that have a text of their own in the catalogue. */
const BY_CODE: Record<string, ErrorName> = {
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
};

/** What every answer of the API carries. */
export function answerHeaders(requestId: string): Record<string, string> {
  return {
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    // Swagger UI keeps a token: nobody may put it into a frame of his own.
    'content-security-policy': "frame-ancestors 'none'",
  };
}

/** Answers what is no HTTP, before there is a request. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) return void socket.destroy();
  const name = BY_CODE[error.code ?? ''] ?? 'badRequest';
  const { status, text } = ERRORS[name];
  const requestId = randomUUID();
  const body = JSON.stringify({ error: text, code: codeOf(name), requestId });
  const headers = {
    ...answerHeaders(requestId),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${text}\r\n${lines.join('')}\r\n${body}`);
}

/** Whether a part of another answer has been sent: ours would become a piece of it. Node's own handler looks there, too. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
  return answer?.headersSent === true;
}

/** Answers a URL that cannot be one; no hook of ours runs for it. */
export function refuseUrl(_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { status, text } = ERRORS.invalidUrl;
  void reply
    .code(status)
    .headers(answerHeaders(request.id))
    .send({ error: text, code: codeOf('invalidUrl'), requestId: request.id });
}
