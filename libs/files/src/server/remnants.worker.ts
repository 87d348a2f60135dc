import { AppConfig } from '@app/config';
import { isSwept, type Remnant, type StorageService, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { unclaimedKeys } from '../unclaimed-keys.js';
import { PendingRows } from '../incoming/pending-rows.js';

/** Milliseconds between sweeps, and between looks whether it is time for one. */
const SWEEP_EVERY_MS = 3_600_000;

/**
 * Sweeps what uploads left in a store after they were undone: a request that was given up may be carried out later. A record
 * claims its key before there are bytes, and goes after them, so what nobody claims for so long is nobody's.
 */
@Injectable()
export class RemnantsWorker {
  private readonly logger = new Logger(RemnantsWorker.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly rows: PendingRows,
  ) {}

  start(): void {
    const { storageSweepMs } = this.config;
    if (storageSweepMs === undefined || !this.storages.all.some(isSwept)) return;
    const sweep = () => (this.running = this.running.then(() => this.sweep(storageSweepMs)));
    void sweep();
    this.timer = setInterval(sweep, Math.min(storageSweepMs, SWEEP_EVERY_MS)).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async sweep(olderThanMs: number): Promise<void> {
    let count = 0;
    try {
      for (const storage of this.storages.all) count += await this.sweepOne(storage, Date.now() - olderThanMs);
    } catch (error) {
      this.logger.warn({ event: 'sweep-failed', error: String(error) });
    }
    if (count > 0) this.logger.log({ event: 'remnants-swept', count });
  }

  private async sweepOne(storage: StorageService, before: number): Promise<number> {
    let count = 0;
    if (!isSwept(storage)) return count;
    for await (const batch of storage.remnants(before)) {
      if (this.stopped) return count;
      for (const remnant of await this.unclaimed(storage.id, batch))
        if (await this.discard(storage.id, remnant)) count += 1;
    }
    await storage.discardUploads(() => this.rows.ids(storage.id));
    return count;
  }

  /** Asks once more: a listing is no proof of anything. */
  private async discard(storageId: string, remnant: Remnant): Promise<boolean> {
    if ((await this.unclaimed(storageId, [remnant])).length === 0) return false;
    await remnant.discard();
    return true;
  }

  private async unclaimed(storageId: string, remnants: readonly Remnant[]): Promise<Remnant[]> {
    const nobodys = async (some: readonly Remnant[], ...states: ('pending' | 'live')[]) => {
      const keys = some.map(({ key }) => key);
      const unclaimed = new Set(await unclaimedKeys(this.dataSource, storageId, keys, states));
      return some.filter(({ key }) => unclaimed.has(key));
    };
    return [
      ...(await nobodys(
        remnants.filter(({ isUnfinished }) => !isUnfinished),
        'pending',
        'live',
      )),
      // What is in parts yet is of no use to a file that lives.
      ...(await nobodys(
        remnants.filter(({ isUnfinished }) => isUnfinished),
        'pending',
      )),
    ];
  }
}
