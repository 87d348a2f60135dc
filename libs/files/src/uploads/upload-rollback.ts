import { failpoint } from '@app/config';
import { File } from '@app/database';
import { StorageService } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyLocks } from '../key-locks.js';
import { type Claim, UploadClaims } from './upload-claims.js';

/** Milliseconds between attempts to undo what could not be undone. */
const RETRY_MS = 5_000;

/** Undoes uploads that were not acknowledged: first the bytes, then the record, which stays as long as bytes may be left. */
@Injectable()
export class UploadRollback {
  private readonly logger = new Logger(UploadRollback.name);
  private readonly waiting = new Map<number, Claim>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: StorageService,
    private readonly claims: UploadClaims,
    private readonly locks: KeyLocks,
  ) {}

  /** Undoes an upload now, or later again for as long as it fails. */
  async rollBack(claim: Claim): Promise<void> {
    try {
      await this.locks.hold(claim.ownerId, claim.nameKey, async () => {
        if (!(await this.claims.isPending(claim))) return;
        await this.storage.rollBackUpload(claim.id, claim.storageKey);
        failpoint('rollback.cleared');
        await this.claims.drop(claim);
        failpoint('rollback.dropped');
      });
      this.waiting.delete(claim.id);
    } catch (error) {
      this.logger.error({ event: 'rollback-failed', fileId: claim.id, error: String(error) });
      this.waiting.set(claim.id, claim);
      this.timer ??= setTimeout(() => void this.retry(), RETRY_MS).unref();
    }
  }

  /**
   * Undoes what an earlier process left. To be called while nothing is under way: whoever holds the data directory
   * knows that every pending record of this storage is dead.
   */
  async recover(): Promise<void> {
    const dead = await this.dataSource.manager.findBy(File, { state: 'pending', storageId: this.storage.id });
    for (const file of dead) await this.rollBack(file);
    await this.storage.discardUploads(new Set(this.waiting.keys()));
    if (dead.length > 0) this.logger.log({ event: 'uploads-recovered', count: dead.length });
  }

  /** Ends the attempts; the next start goes on. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private async retry(): Promise<void> {
    this.timer = undefined;
    for (const claim of this.waiting.values()) await this.rollBack(claim);
  }
}
