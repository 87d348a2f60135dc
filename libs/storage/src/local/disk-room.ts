import { randomUUID } from 'node:crypto';
import { statfs, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageFullError } from '../storage-errors.js';
import { translateLocalError } from './local-fault.js';

/** Bytes that uploads leave free: the database, logs and deletes need some, and a disk that is full to the last is slow. */
const RESERVE = 8 * 1024 * 1024;
/** The same as a part of a disk that is so small that it could hold little else. */
const PART = 1 / 16;
/** What is written to prove that there is room; an empty file fits on a disk that is full. */
const BYTES = Buffer.alloc(4096, 'DefDrive');

/**
 * @returns bytes that uploads may still take of a disk
 * @throws StorageFullError where they have taken all
 */
export async function assertRoom(directory: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(directory);
  const left = bavail * bsize - Math.min(RESERVE, blocks * bsize * PART);
  if (left >= 0) return left;
  throw new StorageFullError('The disk under the storage is full, but for what uploads leave free');
}

/** Proves that uploads still find room: by real bytes. @throws StorageFullError */
export async function proveRoom(directory: string): Promise<void> {
  await assertRoom(directory);
  const path = join(directory, `probe.${randomUUID()}.bytes`);
  try {
    await writeFile(path, BYTES, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    throw translateLocalError(error);
  } finally {
    await unlink(path).catch(() => undefined);
  }
}
