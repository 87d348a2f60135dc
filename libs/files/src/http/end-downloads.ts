import { ApiErrors, ContractError } from '@app/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';

const PROBLEM = 'downloads must be "end"';

/** The OpenAPI entry of a delete that can cut the downloads that are under way. */
export function ApiEndDownloads(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'downloads',
      required: false,
      schema: { type: 'string', enum: ['end'] },
      description: 'Cuts the downloads of the file that are under way; by themselves they run to their end',
    }),
    ApiErrors(['badRequest', { error: PROBLEM, details: { downloads: [PROBLEM] } }]),
  );
}

/**
 * Whether a delete is to cut downloads. By hand, since a DTO of the query would cost the hottest route of all a tenth.
 * @throws ContractError badRequest for anything but the one value there is
 */
export function endsDownloads(downloads: unknown): boolean {
  if (downloads === undefined) return false;
  if (downloads === 'end') return true;
  throw new ContractError('badRequest', { text: PROBLEM, fields: { details: { downloads: [PROBLEM] } } });
}
