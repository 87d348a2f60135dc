import { lstat } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StorageUnusableError } from '../storage-errors.js';
import { DirectorySync } from './directory-sync.js';
import { hasCode } from './local-fault.js';
import { RecentProofs } from './recent-proofs.js';

/** Two thirds of what the form of `node:fs/promises` costs, at each download and upload. */
const look = promisify(lstat);

/** The directories of a storage: made, proved to be none that lead astray, and synced. */
export class LocalDirectories {
  private readonly syncs = new DirectorySync();
  /** Those that are known to survive a power cut. */
  private readonly durable = new Set<string>();
  private readonly proofs = new RecentProofs(0);

  /** `assertDirectory`, which others may just be asking: what was proved before, a symbolic link may stand for by now. */
  assert(directory: string): Promise<boolean> {
    return this.proofs.demand(directory, () => assertDirectory(directory));
  }

  /**
   * Makes a directory below what is there already (0700), durably. One that is there may have been made a moment ago, by
   * an upload beside this one or by a process that died before its sync: only our own sync proves that it will stay.
   * @throws StorageUnusableError when something else stands in its place
   */
  async ensure(directory: string): Promise<void> {
    if (this.durable.has(directory) && (await this.assert(directory))) return;
    await make(directory);
    await assertDirectory(directory);
    await this.sync(join(directory, '..'));
    this.durable.add(directory);
  }

  /** Makes what changed in a directory durable. */
  async sync(directory: string): Promise<void> {
    await this.syncs.sync(directory);
  }

  async syncIfThere(directory: string): Promise<void> {
    try {
      await this.sync(directory);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/**
 * Refuses what stands in a directory's place; that there is nothing is fine. A symbolic link leads astray: bytes would be
 * read or removed elsewhere, and while its target is not mounted every blob would look "already gone".
 * @returns whether there is one
 * @throws StorageUnusableError
 */
export async function assertDirectory(directory: string): Promise<boolean> {
  try {
    if ((await look(directory)).isDirectory()) return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
  throw new StorageUnusableError(`Not a directory: ${directory}`);
}

async function make(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}
