import { link, readdir, realpath, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@app/config';
import { Injectable } from '@nestjs/common';
import { BlobMissingError, ForeignBytesError } from '../storage-errors.js';
import { type BlobReader, type BlobWriter, StorageService } from '../storage.service.js';
import { KeyLocks } from './key-locks.js';
import { blobPath, localKey, TEMPORARY } from './blob-path.js';
import { inode, unlinkIfThere } from './local-entries.js';
import { LocalBlobReader } from './local-blob-reader.js';
import { assertDirectory, LocalDirectories } from './local-directories.js';
import { hasCode, refuseName, translateLocalError } from './local-fault.js';
import { LocalUploads } from './local-uploads.js';
import { longestName } from './longest-name.js';
import { RecentProofs } from './recent-proofs.js';
import { proveRoom } from './disk-room.js';
import { assertFresh } from './fresh-directory.js';
import { assertIdentity, createIdentity, readIdentity } from './storage-identity.js';
import { proveWritable } from './write-proof.js';

/**
 * Blobs as plain files, `<root>/<owner>/<name>`, that people can find, back up and read without DefDrive.
 *
 * An upload is written to `<root>/.tmp/<upload id>` and published by a hard link, which, unlike a rename, replaces
 * nothing; that both names are one inode is how a roll-back knows its own bytes.
 */
@Injectable()
export class LocalStorageService extends StorageService {
  override readonly kind = 'local';
  override readonly reusesKeys = true;
  override id: string;
  override longestName = 255;
  /** Free of symbolic links, of which there may be some above the root. */
  private realRoot: string;
  private readonly temporary: string;
  private readonly directories = new LocalDirectories();
  private readonly proofs = new RecentProofs();
  private readonly locks = new KeyLocks();
  private readonly uploads: LocalUploads;

  /** @param root absolute path of the directory of the uploads */
  constructor(private readonly root: string) {
    super();
    this.realRoot = root;
    this.temporary = join(root, TEMPORARY);
    this.uploads = new LocalUploads(this.temporary, this.directories, {
      publish: (path, key) => this.publish(path, key),
      assertUnchanged: () => this.assertUnchanged(),
    });
  }

  override async attach(expected: string | undefined): Promise<string> {
    if (expected === undefined) await this.directories.ensure(this.root);
    if (expected === undefined) await assertFresh(this.root);
    const found = await readIdentity(this.root);
    if (expected !== undefined) assertIdentity(found, expected);
    await assertDirectory(this.root);
    this.realRoot = await realpath(this.root);
    this.id = found ?? (await createIdentity(this.root, this.directories));
    await this.directories.ensure(this.temporary);
    await this.assertUnchanged();
    await proveWritable(this.temporary);
    this.longestName = await longestName(this.temporary);
    return this.id;
  }

  override async verify(expected: string): Promise<void> {
    assertIdentity(await readIdentity(this.root), expected);
    this.id = expected;
  }

  override keyOf(owner: string, name: string): string {
    return localKey(owner, name);
  }

  override exclusively<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    return this.locks.hold(key, work);
  }

  override createUpload(uploadId: number): Promise<BlobWriter> {
    return this.uploads.create(uploadId);
  }

  override cloneUpload(uploadId: number, path: string): Promise<BlobWriter | undefined> {
    return this.uploads.clone(uploadId, path);
  }

  override resumeUpload(uploadId: number, offset: number): Promise<BlobWriter> {
    return this.uploads.resume(uploadId, offset);
  }

  override async rollBackUpload(uploadId: number, key: string): Promise<void> {
    await this.uploads.close(uploadId);
    const path = this.uploads.path(uploadId);
    const { directory, file } = blobPath(this.root, key);
    const [ours, published] = await Promise.all([inode(path), inode(file)]);
    if (ours === undefined) await this.assertUnchanged();
    if (ours !== undefined && ours === published) {
      await unlink(file);
      failpoint('rollback.unlinked');
      // First this, durably: without the temporary file nobody could tell any more whose bytes stand at the key.
      await this.directories.sync(directory);
    }
    await unlinkIfThere(path);
  }

  override async discardUploads(keep: () => Promise<ReadonlySet<number>>): Promise<void> {
    const entries = await readdir(this.temporary, { withFileTypes: true });
    const kept = await keep();
    for (const entry of entries) {
      // A directory is none of ours, and no reason not to start.
      if (!entry.isDirectory() && !kept.has(Number(entry.name))) await unlinkIfThere(join(this.temporary, entry.name));
    }
  }

  override async open(key: string): Promise<BlobReader> {
    const { directory, file } = blobPath(this.root, key);
    let reader: LocalBlobReader | undefined;
    try {
      reader = await LocalBlobReader.open(file);
      // A look at the directory would cost a small download a way to another thread, and be out of date by now.
      if (!reader.standsAt(blobPath(this.realRoot, key).file)) await this.directories.assert(directory);
      return reader;
    } catch (error) {
      await reader?.close();
      if (error instanceof BlobMissingError) await this.directories.assert(directory);
      throw error;
    }
  }

  override async remove(key: string): Promise<void> {
    const { directory, file } = blobPath(this.root, key);
    await this.directories.assert(directory);
    const unlinked = await unlinkIfThere(file);
    if (!unlinked) await this.assertUnchanged();
    failpoint('removal.unlinked');
  }

  override async flush(keys: readonly string[]): Promise<void> {
    const directories = new Set(keys.map((key) => blobPath(this.root, key).directory));
    await Promise.all([...directories].map((directory) => this.directories.syncIfThere(directory)));
    failpoint('removal.flushed');
  }

  override async probe(): Promise<void> {
    await this.assertUnchanged();
    await proveWritable(this.temporary);
    await proveRoom(this.temporary);
  }

  override async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.root);
    return bavail * bsize;
  }

  /** Proves that the volume is still the one that was attached. */
  private async assertUnchanged(): Promise<true> {
    assertIdentity(await readIdentity(this.root), this.id);
    return true;
  }

  private async publish(temporary: string, key: string): Promise<void> {
    const { directory, file } = blobPath(this.root, key);
    // Another volume may stand here by now: a file that is published there is lost when the right one is back.
    await this.proofs.demand(this.root, () => this.assertUnchanged());
    try {
      await this.directories.ensure(directory);
      await link(temporary, file).catch(refuseName);
      failpoint('upload.linked');
      await this.directories.sync(directory);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) await this.assertUnchanged();
      if (hasCode(error, 'EEXIST')) await this.assertPublished(temporary, key, error);
      else throw translateLocalError(error);
    }
    failpoint('upload.published');
  }

  /** A process that died after it had published leaves the bytes at their key, and its upload may go on from there. */
  private async assertPublished(temporary: string, key: string, cause: unknown): Promise<void> {
    const { directory, file } = blobPath(this.root, key);
    const [ours, there] = await Promise.all([inode(temporary), inode(file)]);
    if (ours === undefined || ours !== there)
      throw new ForeignBytesError('There are other bytes at the key', { cause });
    await this.directories.sync(directory);
  }
}
