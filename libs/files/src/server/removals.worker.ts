import { type BlobRemoval, UnitOfWork } from '@app/database';
import { Servers } from '@app/leases';
import { Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RemovalsService } from '../removals/removals.service.js';
import { dueRemovals } from './due-removals.js';

/** Removals taken from the queue at once; they are carried out one after another, so that requests go first. */
const BATCH = 64;
/** Of those that have failed before, so many between looks for new ones: each may wait for a disk that is dead. */
const RETRIES = 8;
/** Milliseconds between looks at the queue, which also sees what other processes put there. */
const IDLE_MS = 1_000;
/** Milliseconds for which a removal is a server's that has taken it. */
const TAKEN_MS = 60_000;
const TAKE = 'UPDATE blobRemovals SET nextAttemptAt = ? WHERE id = ? AND nextAttemptAt = ?';
/** Milliseconds of rest where all attempts fail. */
const REST_MS = 20;

/** Carries out the removals that are due, from the start of the server to its end. */
@Injectable()
export class RemovalsWorker {
  private readonly logger = new Logger(RemovalsWorker.name);
  private stopped = true;
  private wake: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly removals: RemovalsService,
    private readonly units: UnitOfWork,
    private readonly servers: Servers,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.running = this.loop();
  }

  /** Ends after the removal that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
    await this.removals.settled();
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      const { due, removed } = await this.removeDue();
      if (removed === 0 && !this.stopped) await this.sleep(due === 0 ? IDLE_MS : REST_MS);
    }
  }

  /**
   * @returns how many were due, and how many of them were removed; those that fail are recorded with their removal and come
   * due again later
   */
  private async removeDue(): Promise<{ due: number; removed: number }> {
    let removed = 0;
    try {
      const due = await this.due();
      for (const removal of due) {
        if (this.stopped) break;
        if (await this.attempt(removal)) removed += 1;
      }
      await this.removals.settled();
      return { due: due.length, removed };
    } catch (error) {
      this.logger.warn({ event: 'removals-not-read', error: String(error) });
      return { due: 0, removed };
    }
  }

  /**
   * Those that have failed least first, of whatever storage: one that is dead keeps nobody else's. Those of another storage
   * wait until that is here.
   */
  private async due(): Promise<BlobRemoval[]> {
    const due: BlobRemoval[] = [];
    for (const { id } of this.storages.all) due.push(...(await dueRemovals(this.dataSource, id, BATCH)));
    const fresh = due.filter(({ attempts }) => attempts === 0).length;
    const inTurn = due.toSorted((one, other) => one.attempts - other.attempts);
    return this.taken(inTurn.slice(0, Math.max(fresh, RETRIES)));
  }

  /** Of several servers one carries a removal out: the one that has moved its time. Should it die over that, the time comes again. */
  private async taken(due: BlobRemoval[]): Promise<BlobRemoval[]> {
    if (!this.servers.areShared || due.length === 0) return due;
    const until = Date.now() + TAKEN_MS;
    return this.units.run(async (unit) => {
      const taken: BlobRemoval[] = [];
      for (const removal of due.toSorted((one, other) => one.id - other.id)) {
        if ((await unit.change(TAKE, [until, removal.id, removal.nextAttemptAt])) === 1) taken.push(removal);
      }
      return taken;
    });
  }

  private async attempt(removal: BlobRemoval): Promise<boolean> {
    try {
      await this.removals.removeBytes(removal);
      return true;
    } catch (error) {
      this.logger.warn({ event: 'removal-waits', removalId: removal.id, error: String(error) });
      return false;
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
