import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who follows a link, as far as the request tells. Nothing here comes from a cookie: a link knows no accounts. */
export interface Visitor {
  /** Of the socket, or as a trusted proxy has it. */
  readonly address: string;
  /** As the client calls itself; may be empty. */
  readonly userAgent: string;
  /** What was given as the link's password in the header; none where nothing was. */
  readonly password: string | undefined;
}

/** The handler's parameter that is the `Visitor`. */
export const FromVisitor = createParamDecorator((_: unknown, context: ExecutionContext): Visitor => {
  const { ip, headers } = context.switchToHttp().getRequest<FastifyRequest>();
  const password = headers['x-link-password'] as string | undefined;
  return { address: ip, userAgent: headers['user-agent'] ?? '', password: password && decoded(password) };
});

/** A header holds ASCII only, so that the password comes percent-encoded; what is not so is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
