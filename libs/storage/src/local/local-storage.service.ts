import { readdir, realpath, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@app/config';
import { Injectable } from '@nestjs/common';
import { BlobMissingError } from '../storage-errors.js';
import { type BlobReader, type BlobWriter, type StagedBlob, StorageService } from '../storage.service.js';
import { KeyLocks } from './key-locks.js';
import { blobPath, localKey, TEMPORARY } from './blob-path.js';
import { unlinkIfThere } from './local-entries.js';
import { LocalBlobReader } from './local-blob-reader.js';
import { assertDirectory, LocalDirectories } from './local-directories.js';
import { LocalPublishing } from './local-publishing.js';
import { LocalStages, stagedKey } from './local-stages.js';
import { LocalUploads } from './local-uploads.js';
import { longestName } from './longest-name.js';
import { proveRoom } from './disk-room.js';
import { assertFresh } from './fresh-directory.js';
import { assertIdentity, createIdentity, readIdentity } from './storage-identity.js';
import { proveWritable } from './write-proof.js';

/**
 * Blobs as plain files, `<root>/<owner>/<name>`, that people can find, back up and read without DefDrive.
 *
 * An upload is written to `<root>/.tmp`, under a number or, where it is staged, a name that tells its key, and published by
 * a hard link.
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
  private readonly locks = new KeyLocks();
  private readonly publishing: LocalPublishing;
  private readonly uploads: LocalUploads;
  private readonly stages: LocalStages;

  /** @param root absolute path of the directory of the uploads */
  constructor(private readonly root: string) {
    super();
    this.realRoot = root;
    this.temporary = join(root, TEMPORARY);
    const assertUnchanged = () => this.assertUnchanged();
    this.publishing = new LocalPublishing(root, this.directories, assertUnchanged);
    this.uploads = new LocalUploads(this.temporary, this.directories, this.publishing, assertUnchanged);
    this.stages = new LocalStages(this.temporary, this.directories, this.publishing);
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

  override canStage(key: string): boolean {
    return this.stages.canHold(key, this.longestName);
  }

  override stage(key: string, bytes: Buffer): Promise<StagedBlob> {
    return this.stages.stage(key, bytes);
  }

  override staged(): Promise<StagedBlob[]> {
    return this.stages.all();
  }

  override async rollBackUpload(uploadId: number, key: string): Promise<void> {
    await this.uploads.close(uploadId);
    await this.publishing.rollBack(this.uploads.path(uploadId), key);
  }

  override async discardUploads(keep: () => Promise<ReadonlySet<number>>): Promise<void> {
    const entries = await readdir(this.temporary, { withFileTypes: true });
    const kept = await keep();
    for (const entry of entries) {
      // A directory is none of ours, and no reason not to start.
      const isKept = stagedKey(entry.name) !== undefined || kept.has(Number(entry.name));
      if (entry.isDirectory() || isKept) continue;
      await unlinkIfThere(join(this.temporary, entry.name));
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
}
