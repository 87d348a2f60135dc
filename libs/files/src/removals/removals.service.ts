import { BlobRemoval, UnitOfWork } from '@app/database';
import { Servers } from '@app/leases';
import { type StorageService, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findRemoval } from '../file-rows.js';
import { nextAttempt } from './back-off.js';
import { CopiesUnderWay } from '../moving/copies-under-way.js';
import { RemovalSettler } from './removal-settler.js';

/** What a removal is known by; the row itself is read again whenever it matters. */
export interface Removal extends Pick<BlobRemoval, 'id' | 'fileId' | 'storageId' | 'storageKey'> {
  /** Those of other bytes of the same file, while the drive moves. */
  readonly copies?: readonly Removal[];
}

/** Carries out removals: bytes whose file is deleted already. */
@Injectable()
export class RemovalsService {
  private readonly logger = new Logger(RemovalsService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
    private readonly settler: RemovalSettler,
    private readonly underWay: CopiesUnderWay,
    private readonly servers: Servers,
  ) {}

  /**
   * Removes the bytes now. The row goes a little later, once that is durable.
   * @throws whatever the storage throws, StorageAbsentError where it is not here; the removal waits for its next attempt
   */
  async removeBytes(removal: Removal): Promise<void> {
    for (const copy of removal.copies ?? []) await this.removeCopy(copy);
    await this.removeNow(removal);
    this.settler.settleSoon(removal);
  }

  /** Bytes may come to be again of a copy that another server makes, until that finds its file gone or is known to be dead. */
  private async removeCopy(copy: Removal): Promise<void> {
    const { areShared, lateMs } = this.servers;
    const isElsewhere = areShared && copy.storageId === this.storages.current.id && !this.underWay.has(copy.id);
    await this.removeNow(copy);
    if (!isElsewhere) return this.settler.settleSoon(copy);
    const sql = 'UPDATE blobRemovals SET nextAttemptAt = ? WHERE id = ?';
    await this.units.run((unit) => unit.change(sql, [Date.now() + lateMs, copy.id]));
  }

  private async removeNow(removal: Removal): Promise<void> {
    await this.underWay.stop(removal.id);
    try {
      const storage = this.storages.of(removal.storageId);
      await storage.exclusively(removal.storageKey, () => this.removeAlone(removal, storage));
    } catch (error) {
      await this.postpone(removal, error);
      throw error;
    }
  }

  /** Resolves when everything that was removed up to now is durably so, and its rows are gone. */
  settled(): Promise<void> {
    return this.settler.idle();
  }

  /**
   * Removes whatever still holds this name in this storage, durably, so that it is free for an upload. Failures are not
   * thrown.
   */
  async freeName(name: Pick<BlobRemoval, 'ownerId' | 'nameKey' | 'storageId'>): Promise<void> {
    const { ownerId, nameKey, storageId } = name;
    const waiting = await this.dataSource.manager.findBy(BlobRemoval, { ownerId, nameKey, storageId });
    for (const removal of waiting) {
      try {
        await this.removeDurably(removal);
      } catch (error) {
        this.logger.warn({ event: 'name-not-freed', removalId: removal.id, error: String(error) });
      }
    }
  }

  /** Removes what waits to be removed from a key, durably. @throws whatever the storage throws */
  async freeKey(place: Pick<BlobRemoval, 'storageId' | 'storageKey'>): Promise<void> {
    const { storageId, storageKey } = place;
    const removal = await this.dataSource.manager.findOneBy(BlobRemoval, { storageId, storageKey });
    if (removal) await this.removeDurably(removal);
  }

  private async removeDurably(removal: Removal): Promise<void> {
    await this.removeBytes(removal);
    await this.settler.settle([removal]);
  }

  private async removeAlone(removal: Removal, storage: StorageService): Promise<void> {
    const row = await findRemoval(this.dataSource, removal.id);
    // Gone: somebody did it, and since then the key may carry the bytes of a new upload.
    if (row) await storage.remove(row.storageKey);
  }

  private async postpone({ id }: Removal, cause: unknown): Promise<void> {
    const lastError = describe(cause);
    const attempts = await this.units.run(async (unit) => {
      const [row] = await unit.rows<BlobRemoval>(`SELECT attempts FROM blobRemovals WHERE id = ?${unit.forUpdate}`, [
        id,
      ]);
      if (!row) return 0;
      const failed = row.attempts + 1;
      await unit.change('UPDATE blobRemovals SET attempts = ?, nextAttemptAt = ?, lastError = ? WHERE id = ?', [
        failed,
        nextAttempt(failed, Date.now()),
        lastError,
        id,
      ]);
      return failed;
    });
    this.logger.error({ event: 'removal-failed', removalId: id, attempts, error: lastError });
  }
}

/** The error in a form for admins: without the path, which holds names of people and files. */
function describe(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return (code ? `${code} at ${syscall ?? 'unknown'}` : (message ?? String(error))).slice(0, 255);
}
