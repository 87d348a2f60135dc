import { failpoint } from '@app/config';
import { ServerLease } from '@app/data-directory';
import { Servers } from '@app/leases';
import { type StorageService, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { type DeadClaim, PendingRows, type Standing } from './pending-rows.js';
import { StagedUploads } from './staged-uploads.js';

/** Milliseconds for which a record may stand before its upload is known to be under way. */
const BENEFIT_OF_DOUBT_MS = 60_000;

/** Undoes uploads that were not acknowledged: first the bytes, then the record, which stays as long as bytes may be left. */
@Injectable()
export class UploadRollback {
  private readonly logger = new Logger(UploadRollback.name);
  private readonly underWay = new Set<number>();
  /** Known to be dead: their records need no benefit of the doubt. */
  private readonly failed = new Set<number>();

  constructor(
    private readonly lease: ServerLease,
    private readonly servers: Servers,
    private readonly rows: PendingRows,
    private readonly storages: Storages,
    private readonly staged: StagedUploads,
  ) {}

  /** Says that an upload is alive, until it is made live or rolled back. */
  protect(claim: DeadClaim): void {
    this.underWay.add(claim.id);
  }

  /** Says that an upload has become a file. */
  release(claim: DeadClaim): void {
    this.underWay.delete(claim.id);
  }

  /**
   * Undoes an upload; if that fails, the sweep goes on with it. Does not throw.
   * @param isDead whether another process wrote it
   */
  async rollBack(claim: DeadClaim, isDead = false): Promise<boolean> {
    try {
      const storage = this.storages.of(claim.storageId);
      await storage.exclusively(claim.storageKey, () => this.undo(claim, storage, isDead));
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

  /** Undoes an upload that no server works on, also one that could be gone on with. Does not throw. */
  async rollBackDead(claim: DeadClaim): Promise<boolean> {
    await this.rows.take(claim.id);
    return this.rollBack(claim, true);
  }

  /**
   * Undoes what an earlier process left. To be called while nothing is under way: whoever holds the lease knows that
   * every pending record of this storage is dead, but for uploads that outlive their requests and those of other servers
   * that live.
   */
  async recover(): Promise<void> {
    this.lease.assertHeld();
    await this.staged.recover();
    let undone = 0;
    let found = 0;
    for (const storage of this.storages.all) {
      const { id } = storage;
      const dead = [...(await this.rows.own(id)), ...(await this.rows.takeOver(id))];
      for (const claim of dead) if (await this.rollBack(claim, true)) undone += 1;
      await storage.discardUploads(() => this.rows.ids(id));
      found += dead.length;
    }
    if (found > 0) this.logger.log({ event: 'uploads-recovered', count: undone });
  }

  /**
   * Undoes what could not be undone at once, records whose uploads never heard of them, because the database went away
   * between its COMMIT and its answer, and what servers left that have died since. Does not throw. For whoever holds the
   * lease, again and again.
   */
  async sweep(): Promise<void> {
    try {
      for (const { id } of this.storages.all) await this.sweepOne(id);
      await this.staged.sweep();
    } catch (error) {
      this.logger.warn({ event: 'sweep-failed', error: String(error) });
    }
  }

  /**
   * Removes what this server has sent for an upload that it has lost to another one: whatever that has made of it stays. To
   * be called when an upload has failed that is to be gone on with. Does not throw.
   * @returns whether another server has it, or has finished it
   */
  async forsake(claim: DeadClaim): Promise<boolean> {
    if (!this.servers.areShared) return false;
    try {
      const standing = await this.rows.standing(claim);
      await this.clear(claim, this.storages.of(claim.storageId), standing);
      return standing === 'others' || standing === 'live';
    } catch (error) {
      this.logger.warn({ event: 'upload-not-cleared', fileId: claim.id, error: String(error) });
      return false;
    }
  }

  private async sweepOne(storageId: string): Promise<void> {
    const before = Date.now() - BENEFIT_OF_DOUBT_MS;
    const lost = (await this.rows.own(storageId)).filter(
      (claim) => this.failed.has(claim.id) || (claim.createdAt < before && !this.underWay.has(claim.id)),
    );
    for (const claim of lost) await this.rollBack(claim, true);
    const dead = await this.rows.takeOver(storageId);
    for (const claim of dead) await this.rollBack(claim, true);
    if (dead.length > 0) this.logger.warn({ event: 'uploads-taken-over', count: dead.length });
  }

  private async undo(claim: DeadClaim, storage: StorageService, isDead: boolean): Promise<void> {
    const standing = await this.rows.standing(claim);
    await this.clear(claim, storage, standing);
    if (standing !== 'own') return;
    await storage.rollBackUpload(claim.id, claim.storageKey);
    failpoint('rollback.cleared');
    await this.rows.drop(claim, isDead);
    failpoint('rollback.dropped');
  }

  /** What is nobody's any more, of an upload that is not ours. A key that is used again may be another's. */
  private async clear({ id, storageKey }: DeadClaim, storage: StorageService, standing: Standing): Promise<void> {
    if (storage.reusesKeys) return;
    if (standing === 'gone') await storage.rollBackUpload(id, storageKey);
    if (standing === 'live') await storage.clearUpload(id, storageKey);
  }
}
