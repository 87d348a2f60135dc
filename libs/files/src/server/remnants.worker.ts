import { AppConfig } from '@app/config';
import { isSwept, type Remnant, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { unclaimedKeys } from '../file-rows.js';
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
    if (storageSweepMs === undefined || !isSwept(this.storages.current)) return;
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
    const storage = this.storages.current;
    if (this.stopped || !isSwept(storage)) return;
    let count = 0;
    try {
      for await (const batch of storage.remnants(Date.now() - olderThanMs)) {
        if (this.stopped) return;
        for (const remnant of await this.unclaimed(batch)) if (await this.discard(remnant)) count += 1;
      }
      await storage.discardUploads(() => this.rows.ids(storage.id));
    } catch (error) {
      this.logger.warn({ event: 'sweep-failed', error: String(error) });
    }
    if (count > 0) this.logger.log({ event: 'remnants-swept', count });
  }

  /** Asks once more: a listing is no proof of anything. */
  private async discard(remnant: Remnant): Promise<boolean> {
    if ((await this.unclaimed([remnant])).length === 0) return false;
    await remnant.discard();
    return true;
  }

  private async unclaimed(remnants: readonly Remnant[]): Promise<Remnant[]> {
    const { id } = this.storages.current;
    const nobodys = async (some: readonly Remnant[], ...states: ('pending' | 'live')[]) => {
      const keys = some.map(({ key }) => key);
      const unclaimed = new Set(await unclaimedKeys(this.dataSource, id, keys, states));
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
