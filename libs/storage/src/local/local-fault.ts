import { StorageFullError } from '../storage-errors.js';

const EDQUOT = -122;

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Gives a full disk its own error; hands on anything else. A quota that is used up arrives in Node without a code. */
export function translateLocalError(error: unknown): unknown {
  const full = hasCode(error, 'ENOSPC') || (error as NodeJS.ErrnoException).errno === EDQUOT;
  return full ? new StorageFullError('The disk under the storage is full', { cause: error }) : error;
}
