import { NameRefusedError, StorageFullError } from '../storage-errors.js';

const EDQUOT = -122;
/** Codes with which file systems refuse a name: too long in their own encoding, or with characters that they do not have. */
export const REFUSED_NAME = ['ENAMETOOLONG', 'EILSEQ', 'EINVAL'];

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Gives a full disk its own error; hands on anything else. A quota that is used up arrives in Node without a code. */
export function translateLocalError(error: unknown): unknown {
  const full = hasCode(error, 'ENOSPC') || (error as NodeJS.ErrnoException).errno === EDQUOT;
  return full ? new StorageFullError('The disk under the storage is full', { cause: error }) : error;
}

/** Gives a refused name its own error. For what makes a name, such as `link`: elsewhere these codes mean other things. */
export function refuseName(error: unknown): never {
  if (!hasCode(error, ...REFUSED_NAME)) throw error;
  throw new NameRefusedError('is none that the disk can hold', { cause: error });
}
