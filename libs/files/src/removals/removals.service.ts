import { BlobRemoval, UnitOfWork } from '@app/database';
import { StorageService } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findRemoval } from '../file-rows.js';
import { KeyLocks } from '../key-locks.js';
import { nextAttempt } from './back-off.js';
import { RemovalSettler } from './removal-settler.js';

/** What a removal is known by; the row itself is read again whenever it matters. */
export type Removal = Pick<BlobRemoval, 'id' | 'ownerId' | 'nameKey' | 'storageKey'>;

/** Carries out removals: bytes whose file is deleted already. */
@Injectable()
export class RemovalsService {
  private readonly logger = new Logger(RemovalsService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly storage: StorageService,
    private readonly locks: KeyLocks,
    private readonly settler: RemovalSettler,
  ) {}

  /**
   * Removes the bytes now. The row goes a little later, once that is durable.
   * @throws whatever the storage throws; the removal waits for its next attempt
   */
  async carryOut(removal: Removal): Promise<void> {
    await this.locks.hold(removal.ownerId, removal.nameKey, async () => {
      const row = await findRemoval(this.dataSource, removal.id, this.storage.id);
      // Gone: somebody did it, and since then the key may carry the bytes of a new upload.
      if (!row) return;
      try {
        await this.storage.remove(row.storageKey);
      } catch (error) {
        await this.postpone(row, error);
        throw error;
      }
    });
    this.settler.settleSoon(removal);
  }

  /** Carries out whatever still claims this name, durably, so that it is free for an upload. Failures are not thrown. */
  async freeName(ownerId: number, nameKey: string): Promise<void> {
    const waiting = await this.dataSource.manager.findBy(BlobRemoval, { ownerId, nameKey });
    for (const removal of waiting) {
      try {
        await this.carryOut(removal);
        await this.settler.settle([removal]);
      } catch (error) {
        this.logger.warn({ event: 'name-not-freed', removalId: removal.id, error: String(error) });
      }
    }
  }

  private async postpone(row: BlobRemoval, cause: unknown): Promise<void> {
    const attempts = row.attempts + 1;
    const lastError = describe(cause);
    this.logger.error({ event: 'removal-failed', removalId: row.id, attempts, error: lastError });
    await this.units.run((unit) =>
      unit.change('UPDATE blobRemovals SET attempts = ?, nextAttemptAt = ?, lastError = ? WHERE id = ?', [
        attempts,
        nextAttempt(attempts, Date.now()),
        lastError,
        row.id,
      ]),
    );
  }
}

/** The error in a form for admins: without the path, which holds names of people and files. */
function describe(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return (code ? `${code} at ${syscall ?? 'unknown'}` : (message ?? String(error))).slice(0, 255);
}
