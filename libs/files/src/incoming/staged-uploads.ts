import type { HeldKey } from '@app/accounts';
import { failpoint } from '@app/config';
import type { File } from '@app/database';
import { type BlobDigest, ForeignBytesError, type StagedBlob, type StorageService, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import type { NewFile } from '../file-rows.js';
import { StagedRecords } from './staged-records.js';

/** What a file is to be, with the key of the request that it completes. */
interface WholeFile {
  readonly draft: NewFile;
  readonly digest: BlobDigest;
  readonly key: HeldKey | undefined;
}

/**
 * Makes files of bytes that are whole: staged, published, and recorded last, in one transaction. Until then no record knows
 * of them; what is staged says itself where it was to stand, so that whatever has no record is undone.
 */
@Injectable()
export class StagedUploads {
  private readonly logger = new Logger(StagedUploads.name);
  /** Those that could not be undone at once. */
  private readonly failed = new Map<StagedBlob, StorageService>();

  constructor(
    private readonly storages: Storages,
    private readonly records: StagedRecords,
  ) {}

  /**
   * @param key of the request that the file completes
   * @throws ContractError nameTaken, fileLimitExceeded, storageLimitExceeded; ForeignBytesError, StorageFullError
   */
  async publish(draft: NewFile, bytes: Buffer, digest: BlobDigest, key?: HeldKey): Promise<File> {
    const storage = this.storages.of(draft.storageId);
    const staged = await storage.stage(draft.storageKey, bytes);
    const file = await storage.exclusively(draft.storageKey, () =>
      this.record(storage, staged, { draft, digest, key }),
    );
    this.logger.log({ event: 'file-uploaded', fileId: file.id, userId: file.ownerId, size: file.size });
    return file;
  }

  /** Undoes what an earlier process left, as `UploadRollback.recover`. */
  async recover(): Promise<void> {
    for (const storage of this.storages.all)
      for (const staged of await storage.staged()) await this.settle(storage, staged);
  }

  /** Goes on with what could not be undone. Does not throw. */
  async sweep(): Promise<void> {
    for (const [staged, storage] of this.failed)
      await storage.exclusively(staged.key, () => this.settle(storage, staged));
  }

  private async record(storage: StorageService, staged: StagedBlob, { draft, digest, key }: WholeFile): Promise<File> {
    try {
      await staged.publish();
      const file = await this.records.insert(draft, digest, key);
      failpoint('upload.live');
      // The upload has succeeded: another name that stays is swept at the next start.
      await staged.release().catch((error) => this.logger.warn({ event: 'temporary-file-left', error: String(error) }));
      return file;
    } catch (error) {
      await this.settle(storage, staged);
      throw error instanceof ForeignBytesError ? await this.explain(draft, error) : error;
    }
  }

  /** An error does not always say that there is no record: a COMMIT can succeed without its answer. Does not throw. */
  private async settle(storage: StorageService, staged: StagedBlob): Promise<void> {
    try {
      if (await this.records.isLiveAt(storage.id, staged.key)) {
        await staged.release();
      } else {
        await staged.rollBack();
        failpoint('rollback.cleared');
      }
      this.failed.delete(staged);
    } catch (error) {
      this.failed.set(staged, storage);
      this.logger.error({ event: 'rollback-failed', key: staged.key, error: String(error) });
    }
  }

  /** Of two uploads of one name at once the second finds the first one's bytes. */
  private async explain(draft: NewFile, error: ForeignBytesError): Promise<unknown> {
    const reason = await this.records.explain(draft, error);
    if (reason === error)
      this.logger.error({ event: 'foreign-bytes', error: 'There are bytes at the key that are not ours' });
    return reason;
  }
}
