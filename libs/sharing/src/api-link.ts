import { ApiErrors, type ErrorName } from '@app/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiHeader, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';

/** What every route of a link may be refused by. */
const REFUSED: ErrorName[] = [
  'linkNotPublic',
  'linkSubnet',
  'linkIp',
  'linkExpired',
  'linkNotFound',
  'tooManyRequests',
  'internal',
  'unavailable',
];

/** The OpenAPI entry of a route that takes, or would take, a use of a link. Persons get pages there. */
export function ApiLink(summary: string, description: string, ...errors: ErrorName[]): MethodDecorator {
  return applyDecorators(
    ApiHash(summary, description),
    ApiExtension('x-pages', true),
    ApiHeader({
      name: 'x-link-password',
      required: false,
      description: 'The password of the link, where it has one, in percent-encoded UTF-8',
    }),
    ApiErrors(...REFUSED, 'linkUsed', 'linkTtl', 'linkPasswordNeeded', 'linkPasswordWrong', ...errors),
  );
}

/** The OpenAPI entry of a route for the holder of a ticket. */
export function ApiTicket(summary: string): MethodDecorator {
  return applyDecorators(
    ApiHash(
      summary,
      'For 24 hours, without a further use, whatever the ranges. Each request is asked every rule again, apart from uses and password.',
    ),
    ApiQuery({ name: 'ticket', schema: { type: 'string', pattern: '^[0-9a-f]{32}$' } }),
    ApiErrors(...REFUSED),
  );
}

function ApiHash(summary: string, description: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, description }),
    ApiParam({ name: 'hash', schema: { type: 'string', pattern: '^[0-9a-f]{32}$' } }),
  );
}
