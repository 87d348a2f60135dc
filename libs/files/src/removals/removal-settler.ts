import { setTimeout as delay } from 'node:timers/promises';
import { failpoint } from '@app/config';
import { type BlobRemoval, type Unit, UnitOfWork } from '@app/database';
import { Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { listOf } from '../file-rows.js';

type Settled = Pick<BlobRemoval, 'id' | 'fileId' | 'storageId' | 'storageKey'>;

/** Milliseconds over which removals are gathered: each sync and each transaction then serves many deletes. */
const GATHER_MS = 50;
/** Rows per statement, below every engine's limit of parameters. */
const CHUNK = 500;

/**
 * Ends removals whose bytes are unlinked: first makes that durable, then removes the row and has the receipt say when. In
 * this order a crash at any point leaves the row, and the worst it costs is one more unlink of nothing.
 */
@Injectable()
export class RemovalSettler {
  private readonly logger = new Logger(RemovalSettler.name);
  private gathered: Settled[] = [];
  private working: Promise<void> | undefined;

  constructor(
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
  ) {}

  settleSoon(removal: Settled): void {
    this.gathered.push(removal);
    this.working ??= this.settleGathered();
  }

  /** Resolves when nothing that was handed in is left to settle. */
  async idle(): Promise<void> {
    await this.working;
  }

  /** @throws whatever storage or database throw; the rows then stay and the worker takes them again */
  async settle(removals: readonly Settled[]): Promise<void> {
    for (let start = 0; start < removals.length; start += CHUNK) {
      const chunk = removals.slice(start, start + CHUNK);
      await this.flush(chunk);
      const goneAt = Date.now();
      const isMoving = this.storages.former !== undefined;
      await this.units.free((unit) => end(unit, chunk, { goneAt, isMoving }));
      failpoint('removal.settled');
    }
  }

  private async flush(removals: readonly Settled[]): Promise<void> {
    for (const id of new Set(removals.map(({ storageId }) => storageId))) {
      const own = removals.filter(({ storageId }) => storageId === id);
      await this.storages.of(id).flush(own.map(({ storageKey }) => storageKey));
    }
  }

  private async settleGathered(): Promise<void> {
    while (this.gathered.length > 0) {
      await delay(GATHER_MS);
      const batch = this.gathered;
      this.gathered = [];
      try {
        await this.settle(batch);
      } catch (error) {
        this.logger.error({ event: 'removals-not-settled', count: batch.length, error: String(error) });
      }
    }
    this.working = undefined;
  }
}

interface Ended {
  /** Milliseconds since 1970, when the unlink was durable. */
  readonly goneAt: number;
  /** Whether files may have bytes in two storages: then the last of their removals says that they are gone. */
  readonly isMoving: boolean;
}

async function end(unit: Unit, removals: readonly Settled[], { goneAt, isMoving }: Ended): Promise<void> {
  const { marks: own, values: ids } = listOf(removals.map(({ id }) => id));
  const fileIds = removals.map(({ fileId }) => fileId).filter((fileId) => fileId !== null);
  if (fileIds.length > 0) {
    const { marks, values } = listOf(fileIds);
    // Of two that end at once, the second sees what the first has done.
    if (isMoving) await unit.rows(`SELECT fileId FROM receipts WHERE fileId IN (${marks})${unit.forUpdate}`, values);
    const last = `AND NOT EXISTS (SELECT 1 FROM blobRemovals b WHERE b.fileId = receipts.fileId AND b.id NOT IN (${own}))`;
    await unit.change(
      `UPDATE receipts SET bytesGoneAt = ? WHERE bytesGoneAt IS NULL AND fileId IN (${marks}) ${isMoving ? last : ''}`,
      [goneAt, ...values, ...(isMoving ? ids : [])],
    );
  }
  await unit.change(`DELETE FROM blobRemovals WHERE id IN (${own})`, ids);
}
