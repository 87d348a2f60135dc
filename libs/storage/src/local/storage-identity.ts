import { randomUUID } from 'node:crypto';
import { link, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnusableError } from '../storage-errors.js';
import { IDENTITY } from './blob-path.js';
import { descriptor } from './descriptor.js';
import type { LocalDirectories } from './local-directories.js';
import { hasCode } from './local-fault.js';

/** Bytes; more than an id has, so that one with something behind it is known to be damaged. */
const LONGEST = 64;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The id that a storage carries on its own disk, or undefined where it carries none.
 * @throws StorageUnusableError when what it carries is no id
 */
export async function readIdentity(root: string): Promise<string | undefined> {
  const path = join(root, IDENTITY);
  try {
    const id = (await readText(path)).trim();
    if (UUID.test(id)) return id;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  throw new StorageUnusableError(`The id of the uploads is damaged: ${path}`);
}

/** The beginning of a file, at half the cost of `readFile()`: it is read at each upload. */
async function readText(path: string): Promise<string> {
  const fd = await descriptor.open(path, 'r');
  try {
    const { buffer, bytesRead } = await descriptor.read(fd, Buffer.alloc(LONGEST), 0, LONGEST, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    descriptor.close(fd);
  }
}

/** Gives a fresh storage its id, durably: written aside, synced and linked, so that no half of it can be left. */
export async function createIdentity(root: string, directories: LocalDirectories): Promise<string> {
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
