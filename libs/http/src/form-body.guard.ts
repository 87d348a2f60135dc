import type { IncomingMessage } from 'node:http';
import { ContractError } from '@app/contract';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { expectBody } from './expect-continue.js';

/** Bytes; our forms are a field or two. */
const LIMIT = 4096;

/** Whether a request's body is what a browser sends for a plain form. */
export function isForm(headers: IncomingMessage['headers']): boolean {
  return /^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '');
}

/**
 * Reads the body of a plain form, for the one route that a page without script posts to: its fields become the body, as
 * those of a JSON object would. Everywhere else a form stays what nobody reads.
 */
@Injectable()
export class FormBodyGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!isForm(request.headers)) return true;
    expectBody(request.raw, context.switchToHttp().getResponse<FastifyReply>().raw);
    request.body = Object.fromEntries(new URLSearchParams(await read(request.raw)));
    return true;
  }
}

/** Leaves what is too much unread, so that its sender still gets to read the answer. */
async function read(body: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LIMIT) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new ContractError('invalidBody', { cause: error });
  }
  if (size > LIMIT) throw new ContractError('bodyTooLarge');
  return Buffer.concat(chunks).toString('utf8');
}
