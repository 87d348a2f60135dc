import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './local-fault.js';

/** Bytes. What common file systems hold, and what our records do. */
const COMMON = 255;

/**
 * Finds how long a name a directory holds, in bytes, by making files: nothing else tells. An encrypted one (eCryptfs) holds
 * 143. What cannot be made for another reason is left to the first upload.
 */
export async function longestName(directory: string): Promise<number> {
  if (await holds(directory, COMMON)) return COMMON;
  let [fits, tooLong] = [1, COMMON];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (await holds(directory, middle)) fits = middle;
    else tooLong = middle;
  }
  return fits;
}

async function holds(directory: string, length: number): Promise<boolean> {
  const path = join(directory, 'n'.repeat(length));
  try {
    await (await open(path, constants.O_CREAT | constants.O_WRONLY, 0o600)).close();
    await unlink(path);
    return true;
  } catch (error) {
    return !hasCode(error, 'ENAMETOOLONG');
  }
}
