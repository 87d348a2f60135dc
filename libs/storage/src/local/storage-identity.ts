import { randomUUID } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnusableError } from '../storage-errors.js';
import { IDENTITY } from './blob-path.js';
import type { DirectorySync } from './directory-sync.js';
import { hasCode } from './local-fault.js';

/** The id that a storage carries on its own disk, or undefined where it carries none. */
export async function readIdentity(root: string): Promise<string | undefined> {
  try {
    return (await readFile(join(root, IDENTITY), 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Gives a fresh storage its id, durably: written aside, synced and linked, so that no half of it can be left. */
export async function createIdentity(root: string, directories: DirectorySync): Promise<string> {
  const id = randomUUID();
  const draft = join(root, `${IDENTITY}.${process.pid}`);
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${id}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(draft, join(root, IDENTITY));
  await unlink(draft);
  await directories.sync(root);
  return id;
}

/**
 * Refuses a storage that is not the expected one: with an unmounted or a wrong volume every blob would look "already
 * gone", and deletes would be forgotten whose bytes are still there.
 */
export function assertIdentity(found: string | undefined, expected: string): void {
  if (found === expected) return;
  const what =
    found === undefined ? 'carries no id: is it an empty or unmounted volume?' : 'belongs to another database';
  throw new StorageUnusableError(`The directory of the uploads ${what} (expected storage ${expected})`);
}
