import { ApiErrors, ContractError } from '@app/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';

const PROBLEM = 'inline must be "true" or "false"';

/** The OpenAPI entry of a download that may be shown instead. */
export function ApiInline(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'inline',
      required: false,
      schema: { type: 'boolean', default: false },
      description:
        'To show it: raster images, sound, video and plain text have their own Content-Type then; anything else stays an attachment',
    }),
    ApiErrors(['badRequest', { error: PROBLEM, details: { inline: [PROBLEM] } }]),
  );
}

/** @throws ContractError badRequest */
export function isInline(inline: unknown): boolean {
  if (inline === undefined || inline === 'false') return false;
  if (inline === 'true') return true;
  throw new ContractError('badRequest', { text: PROBLEM, fields: { details: { inline: [PROBLEM] } } });
}
