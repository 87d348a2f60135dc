import { ApiErrors } from '@app/contract';
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';

const IF_NONE_MATCH = ApiHeader({ name: 'if-none-match', required: false });
const header = (description: string) => ({ description, schema: { type: 'string' as const } });
const HEADERS = {
  'Content-Disposition': header('attachment, with the name of the file'),
  ETag: header('The SHA-256 in quotation marks; none where a link counts its uses'),
  'Accept-Ranges': header('bytes; none where a link counts its uses'),
};
const NOT_MODIFIED = ApiResponse({ status: 304, description: 'You have these bytes already' });

/** The OpenAPI entry of a route whose request may say which bytes it means. */
export function ApiIfMatch(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'if-match',
      required: false,
      description: 'The ETag of the bytes that are meant: their SHA-256',
    }),
    ApiErrors('preconditionFailed'),
  );
}

const bytesAs = (...types: string[]) => Object.fromEntries(types.map((type) => [type, {}]));

/**
 * A route that sends the bytes of a file: its OpenAPI entry, and that it takes one of the places for downloads.
 * @param shown whether they may come under their own type, as `?inline=true` asks
 */
export function ApiContent({ shown = false } = {}): MethodDecorator {
  const content = bytesAs(
    'application/octet-stream',
    ...(shown ? ['image/*', 'video/*', 'audio/*', 'text/plain'] : []),
  );
  return applyDecorators(
    RouteConfig({ download: true }),
    // Without an example: a page that tries it out would send it.
    ApiHeader({ name: 'range', required: false, description: 'One range of bytes, such as bytes=0-1023' }),
    ApiHeader({ name: 'if-range', required: false }),
    ApiIfMatch(),
    IF_NONE_MATCH,
    ApiResponse({
      status: 200,
      description: 'The bytes, as an attachment; the ETag is their SHA-256',
      content,
      headers: HEADERS,
    }),
    ApiResponse({ status: 206, description: 'The bytes of the range', content, headers: HEADERS }),
    NOT_MODIFIED,
    ApiErrors('rangeNotSatisfiable', 'tooManyRequests', 'unavailable'),
  );
}

/** The OpenAPI entry of the route that sends the same headers and no bytes. A range means nothing to it (RFC 9110, 14.2). */
export function ApiContentHead(): MethodDecorator {
  return applyDecorators(
    ApiIfMatch(),
    IF_NONE_MATCH,
    ApiResponse({ status: 200, description: 'The headers of the whole file, with its length', headers: HEADERS }),
    NOT_MODIFIED,
  );
}
