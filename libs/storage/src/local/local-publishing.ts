import { link, unlink } from 'node:fs/promises';
import { failpoint } from '@app/config';
import { ForeignBytesError } from '../storage-errors.js';
import { blobPath } from './blob-path.js';
import type { LocalDirectories } from './local-directories.js';
import { inode, unlinkIfThere } from './local-entries.js';
import { hasCode, refuseName, translateLocalError } from './local-fault.js';
import { RecentProofs } from './recent-proofs.js';

/**
 * How a temporary file gets its key: by a hard link, which, unlike a rename, replaces nothing; that both names are one inode
 * is how a roll-back knows its own bytes.
 */
export class LocalPublishing {
  private readonly proofs = new RecentProofs();

  /** @param assertUnchanged proves that the volume is still the one that was attached */
  constructor(
    private readonly root: string,
    private readonly directories: LocalDirectories,
    private readonly assertUnchanged: () => Promise<true>,
  ) {}

  /** Makes sure of the volume and the directory that the key's bytes are to stand in. */
  async prepare(key: string): Promise<void> {
    // Another volume may stand here by now: a file that is published there is lost when the right one is back.
    await this.proofs.demand(this.root, this.assertUnchanged);
    try {
      await this.directories.ensure(blobPath(this.root, key).directory);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) await this.assertUnchanged();
      throw translateLocalError(error);
    }
  }

  /** To be called after `prepare`. @throws ForeignBytesError */
  async link(temporary: string, key: string): Promise<void> {
    const { directory, file } = blobPath(this.root, key);
    try {
      await link(temporary, file).catch(refuseName);
      failpoint('upload.linked');
      await this.directories.sync(directory);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) await this.assertUnchanged();
      if (hasCode(error, 'EEXIST')) await this.assertLinked(temporary, key, error);
      else throw translateLocalError(error);
    }
    failpoint('upload.published');
  }

  /** Undoes it, as far as it went. */
  async rollBack(temporary: string, key: string): Promise<void> {
    const { directory, file } = blobPath(this.root, key);
    const [ours, published] = await Promise.all([inode(temporary), inode(file)]);
    if (ours === undefined) await this.assertUnchanged();
    if (ours !== undefined && ours === published) {
      await unlink(file);
      failpoint('rollback.unlinked');
      // First this, durably: without the temporary file nobody could tell any more whose bytes stand at the key.
      await this.directories.sync(directory);
    }
    await unlinkIfThere(temporary);
  }

  /** A process that died after it had published leaves the bytes at their key, and its upload may go on from there. */
  private async assertLinked(temporary: string, key: string, cause: unknown): Promise<void> {
    const { directory, file } = blobPath(this.root, key);
    const [ours, there] = await Promise.all([inode(temporary), inode(file)]);
    if (ours === undefined || ours !== there)
      throw new ForeignBytesError('There are other bytes at the key', { cause });
    await this.directories.sync(directory);
  }
}
