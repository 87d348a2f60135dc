import { chmodSync, constants, statSync } from 'node:fs';
import { copyFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@app/config';
import { UploadLostError } from '../storage-errors.js';
import type { BlobWriter } from '../storage.service.js';
import { descriptor } from './descriptor.js';
import { LocalBlobWriter } from './local-blob-writer.js';
import type { LocalDirectories } from './local-directories.js';
import type { LocalPublishing } from './local-publishing.js';
import { assertRoom } from './disk-room.js';
import { hasCode, translateLocalError } from './local-fault.js';
import { UploadHashes, wholeHash, type WriterHash } from './upload-hashes.js';

/** The temporary files of uploads, each called as its upload is. */
export class LocalUploads {
  private readonly writers = new Map<number, LocalBlobWriter>();
  private readonly hashes = new UploadHashes();

  constructor(
    private readonly temporary: string,
    private readonly directories: LocalDirectories,
    private readonly publishing: LocalPublishing,
    /** Proves that no other volume stands here by now. */
    private readonly assertUnchanged: () => Promise<true>,
  ) {}

  path(uploadId: number): string {
    return join(this.temporary, String(uploadId));
  }

  async create(uploadId: number): Promise<BlobWriter> {
    try {
      await assertRoom(this.temporary);
      const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
      const fd = await descriptor.open(this.path(uploadId), flags, 0o600);
      failpoint('upload.created');
      return this.writer(uploadId, fd, wholeHash());
    } catch (error) {
      if (hasCode(error, 'ENOENT')) await this.assertUnchanged();
      throw translateLocalError(error);
    }
  }

  /** None where the file system cannot, or it is another one. The hash is of what was cloned, whatever becomes of the other. */
  async clone(uploadId: number, source: string): Promise<BlobWriter | undefined> {
    const path = this.path(uploadId);
    try {
      await copyFile(source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    } catch {
      return undefined;
    }
    chmodSync(path, 0o600);
    const { size } = statSync(path);
    if (size > 0) return this.resume(uploadId, size);
    // Of nothing there is nothing to share.
    await unlink(path);
    return undefined;
  }

  /** @throws UploadLostError when the file has fewer bytes than were made durable */
  async resume(uploadId: number, offset: number): Promise<BlobWriter> {
    const fd = await this.open(uploadId, offset);
    try {
      const { size } = descriptor.look(fd);
      if (size < offset) throw new UploadLostError(`${size} bytes are there of ${offset} that were made durable`);
      if (size > offset) await descriptor.truncate(fd, offset);
      return this.writer(uploadId, fd, this.hashes.resume(uploadId, this.path(uploadId), offset), offset);
    } catch (error) {
      descriptor.close(fd);
      throw translateLocalError(error);
    }
  }

  /** Lets go of an upload that is about to be undone. */
  async close(uploadId: number): Promise<void> {
    await this.writers.get(uploadId)?.closeFile();
    this.writers.delete(uploadId);
    this.hashes.forget(uploadId);
  }

  private async open(uploadId: number, offset: number): Promise<number> {
    const begin = offset === 0 ? constants.O_CREAT : 0;
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | begin;
    try {
      return await descriptor.open(this.path(uploadId), flags, 0o600);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || offset === 0) throw translateLocalError(error);
      await this.assertUnchanged();
      throw new UploadLostError('The file of an upload is gone', { cause: error });
    }
  }

  private writer(uploadId: number, fd: number, hash: WriterHash, offset = 0): LocalBlobWriter {
    const path = this.path(uploadId);
    const place = {
      assertRoom: () => assertRoom(this.temporary),
      syncTemporary: () => this.directories.sync(this.temporary),
      publish: async (key: string) => {
        await this.publishing.prepare(key);
        await this.publishing.link(path, key);
      },
      discard: async () => {
        this.writers.delete(uploadId);
        this.hashes.forget(uploadId);
        await unlink(path);
      },
      letGo: () => void this.writers.delete(uploadId),
    };
    const writer = new LocalBlobWriter(fd, place, hash, offset);
    this.writers.set(uploadId, writer);
    return writer;
  }
}
