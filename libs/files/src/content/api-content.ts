import { ApiErrors } from '@app/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';

/** The OpenAPI entry of a route that sends the bytes of a file. */
export function ApiContent(): MethodDecorator {
  const content = { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } };
  return applyDecorators(
    ApiHeader({ name: 'range', required: false, example: 'bytes=0-1023' }),
    ApiHeader({ name: 'if-range', required: false }),
    ApiHeader({ name: 'if-none-match', required: false }),
    ApiResponse({ status: 200, description: 'The bytes, as an attachment; the ETag is their SHA-256', content }),
    ApiResponse({ status: 206, description: 'The bytes of the range', content }),
    ApiResponse({ status: 304, description: 'You have these bytes already' }),
    ApiErrors('rangeNotSatisfiable'),
  );
}
