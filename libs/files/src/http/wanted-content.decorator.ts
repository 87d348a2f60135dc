import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { WantedContent } from '../content/content.service.js';

/** What the request wants of a file's bytes. RFC 9110, 14.2: a range means something to GET alone. */
export const Wanted = createParamDecorator((_: unknown, context: ExecutionContext): WantedContent => {
  const { method, headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    headOnly: method === 'HEAD',
    ifMatch: headers['if-match'],
    range: method === 'GET' ? headers.range : undefined,
    ifRange: headers['if-range'] as string | undefined,
    ifNoneMatch: headers['if-none-match'],
  };
});
