import { failpoint } from '@app/config';
import { ServerLease } from '@app/data-directory';
import type { File } from '@app/database';
import { Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type DeadClaim, UploadClaims } from './upload-claims.js';

/** Milliseconds for which a record may stand before its upload is known to be under way. */
const BENEFIT_OF_DOUBT_MS = 60_000;

type PendingRow = DeadClaim & Pick<File, 'createdAt'>;

const PENDING = "SELECT id, storageId, storageKey, createdAt FROM files WHERE state = 'pending' AND storageId = ?";
/** Uploads that outlive their requests: nobody undoes them because a process has ended. */
const RESUMABLE = '(SELECT 1 FROM uploads u WHERE u.fileId = files.id)';

/** Undoes uploads that were not acknowledged: first the bytes, then the record, which stays as long as bytes may be left. */
@Injectable()
export class UploadRollback {
  private readonly logger = new Logger(UploadRollback.name);
  private readonly underWay = new Set<number>();
  /** Known to be dead: their records need no benefit of the doubt. */
  private readonly failed = new Set<number>();

  constructor(
    private readonly lease: ServerLease,
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly claims: UploadClaims,
  ) {}

  /** Says that an upload is alive, until it is made live or rolled back. */
  protect(claim: DeadClaim): void {
    this.underWay.add(claim.id);
  }

  /** Says that an upload has become a file. */
  release(claim: DeadClaim): void {
    this.underWay.delete(claim.id);
  }

  /** Undoes an upload; if that fails, the sweep goes on with it. Does not throw. */
  async rollBack(claim: DeadClaim): Promise<boolean> {
    try {
      const storage = this.storages.of(claim.storageId);
      await storage.exclusively(claim.storageKey, async () => {
        if (!(await this.claims.isPending(claim))) return;
        await storage.rollBackUpload(claim.id, claim.storageKey);
        failpoint('rollback.cleared');
        await this.claims.drop(claim);
        failpoint('rollback.dropped');
      });
      this.failed.delete(claim.id);
      return true;
    } catch (error) {
      this.failed.add(claim.id);
      this.logger.error({ event: 'rollback-failed', fileId: claim.id, error: String(error) });
      return false;
    } finally {
      this.underWay.delete(claim.id);
    }
  }

  /**
   * Undoes what an earlier process left. To be called while nothing is under way: whoever holds the lease knows that
   * every pending record of this storage is dead, but for uploads that outlive their requests.
   */
  async recover(): Promise<void> {
    this.lease.assertHeld();
    const dead = await this.pending();
    const left = new Set<number>();
    for (const claim of dead) if (!(await this.rollBack(claim))) left.add(claim.id);
    const resumable = await this.resumable();
    await this.storages.current.discardUploads(new Set([...left, ...resumable]));
    if (dead.length > 0) this.logger.log({ event: 'uploads-recovered', count: dead.length - left.size });
  }

  /**
   * Undoes what could not be undone at once, and records whose uploads never heard of them, because the database went
   * away between its COMMIT and its answer. Does not throw. For whoever holds the lease, again and again.
   */
  async sweep(): Promise<void> {
    try {
      const before = Date.now() - BENEFIT_OF_DOUBT_MS;
      const dead = (await this.pending()).filter(
        ({ id, createdAt }) => this.failed.has(id) || (createdAt < before && !this.underWay.has(id)),
      );
      for (const claim of dead) await this.rollBack(claim);
    } catch (error) {
      this.logger.warn({ event: 'sweep-failed', error: String(error) });
    }
  }

  private pending(): Promise<PendingRow[]> {
    return this.dataSource.query(`${PENDING} AND NOT EXISTS ${RESUMABLE}`, [this.storages.current.id]);
  }

  private async resumable(): Promise<number[]> {
    const sql = `${PENDING} AND EXISTS ${RESUMABLE}`;
    const rows = await this.dataSource.query<{ id: number }[]>(sql, [this.storages.current.id]);
    return rows.map(({ id }) => id);
  }
}
