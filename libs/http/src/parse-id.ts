import { ContractError, type ErrorName } from '@app/contract';

const MAX_ID = 2147483647;

/**
 * Reads an id as the wire contract has it: a positive integer in plain decimal, at most 2147483647.
 * Works on the raw string of the URL, because a transforming pipe would already have made numbers of `1e3` and `0x1`.
 * @throws ContractError `invalid`, for anything else
 */
export function parseId(raw: string, invalid: ErrorName): number {
  const id = /^[1-9]\d{0,9}$/.test(raw) ? Number(raw) : NaN;
  if (!(id <= MAX_ID)) throw new ContractError(invalid);
  return id;
}
