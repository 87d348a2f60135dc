import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnusableError } from '../storage-errors.js';
import { hasCode } from './local-fault.js';

/** Codes with which file systems that have no hard links refuse them. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Proves that files can be made in a directory, and hard links to them, without which nothing can be published.
 * @throws StorageUnusableError
 */
export async function proveWritable(directory: string): Promise<void> {
  // A name of its own: several may be at it at once.
  const first = join(directory, `probe.${randomUUID()}`);
  const second = `${first}.link`;
  const made: string[] = [];
  try {
    await (await open(first, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)).close();
    made.push(first);
    await link(first, second);
    made.push(second);
  } catch (error) {
    const problem = hasCode(error, ...NO_LINKS) ? 'has no hard links' : 'cannot be written';
    throw new StorageUnusableError(`The directory of the uploads ${problem}: ${directory}`, { cause: error });
  } finally {
    for (const path of made) await unlink(path);
  }
}
