import type { HeldKey } from '@app/accounts';
import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import type { File } from '@app/database';
import { type BlobDigest, type BlobWriter, ForeignBytesError, type StorageService } from '@app/storage';
import { Logger } from '@nestjs/common';
import type { ImportableIncoming, Imported, ResumableIncoming } from './incoming.js';
import type { Becoming, Claim, UploadClaims } from './upload-claims.js';
import type { PendingRows } from './pending-rows.js';
import type { UploadRollback } from './upload-rollback.js';

/** Whom incoming bytes need. */
export interface IncomingRules {
  readonly claims: UploadClaims;
  readonly rows: PendingRows;
  readonly rollback: UploadRollback;
  readonly storage: StorageService;
  /** Judges how many bytes there are. @throws ContractError for more than can ever fit */
  readonly judge: (size: number) => void;
  /** Called when the bytes are a file, or gone. */
  readonly over?: () => void;
  /** Whether its room was reserved. */
  readonly promised: boolean;
}

/** Bytes that are written to the storage as they come. */
export class IncomingFile implements ImportableIncoming, ResumableIncoming {
  readonly holdsName = true;
  private readonly logger = new Logger(IncomingFile.name);

  constructor(
    private readonly claim: Claim,
    private readonly writer: BlobWriter,
    private readonly rules: IncomingRules,
  ) {}

  get size(): number {
    return this.writer.size;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.rules.judge(this.writer.size + chunk.length);
    return this.writer.write(chunk);
  }

  suspend(): Promise<number> {
    return this.writer.suspend();
  }

  onDurable(told: (received: number) => void): void {
    this.writer.onDurable = told;
  }

  letGo(): Promise<void> {
    return this.writer.letGo();
  }

  forsake(): Promise<boolean> {
    return this.rules.rollback.forsake(this.claim);
  }

  async commit(key?: HeldKey, imported?: Imported): Promise<File> {
    // What was read back from the store to be hashed has its key by then.
    await this.rules.rows.assertOwn(this.claim);
    const digest = await this.writer.finish();
    if ((imported?.sha256 ?? digest.sha256) !== digest.sha256) throw new ContractError('checksumMismatch');
    const file = await this.publish(digest, { key, promised: this.rules.promised, imported });
    // The upload has succeeded: a temporary name that stays is swept at the next start.
    await this.writer
      .close()
      .catch((error) => this.logger.warn({ event: 'temporary-file-left', error: String(error) }));
    this.rules.over?.();
    this.logger.log({ event: 'file-uploaded', fileId: file.id, userId: file.ownerId, size: file.size });
    return file;
  }

  async abort(): Promise<void> {
    await this.rules.rollback.rollBack(this.claim);
    this.rules.over?.();
  }

  private async publish(digest: BlobDigest, becoming: Becoming): Promise<File> {
    const { claim, rules } = this;
    return rules.storage.exclusively(claim.storageKey, async () => {
      await rules.rows.assertOwn(claim);
      await this.writer.publish(claim.storageKey).catch((error: unknown) => this.report(error));
      const live = await rules.claims.makeLive(claim, digest, becoming);
      failpoint('upload.live');
      rules.rollback.release(claim);
      return live;
    });
  }

  private report(error: unknown): never {
    if (error instanceof ForeignBytesError) {
      const { id: fileId } = this.claim;
      this.logger.error({ event: 'foreign-bytes', fileId, error: 'There are bytes at the key that are not ours' });
    }
    throw error;
  }
}
