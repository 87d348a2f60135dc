import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** The client went away before it had its answer, or before its body was whole. Nobody is there to read one. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Tells whether nobody waits for the answer any more. */
export type IsGone = () => boolean;

/** The handler's parameter that tells so. */
export const Gone = createParamDecorator((_data: unknown, context: ExecutionContext): IsGone => {
  const { raw } = context.switchToHttp().getResponse<FastifyReply>();
  return () => raw.destroyed;
});
