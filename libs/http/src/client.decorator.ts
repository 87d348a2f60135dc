import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who sent a request, as far as the connection tells. */
export interface RequestClient {
  /** Of the socket, or as a trusted proxy has it. */
  readonly address: string;
  /** As the client calls itself; may be empty. */
  readonly userAgent: string;
}

/** The handler's parameter that is the `RequestClient`. */
export const Client = createParamDecorator((_data: unknown, context: ExecutionContext): RequestClient => {
  const { ip, headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return { address: ip, userAgent: headers['user-agent'] ?? '' };
});
