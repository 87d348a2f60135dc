import { ContractError } from '@app/contract';
import { User } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { UploadTurns } from '../incoming/upload-turns.js';
import { UploadEnds } from '../uploads/upload-ends.js';
import { abandoned, overdue, type UploadRecord, wholeButUnpublished } from '../uploads/upload-rows.js';
import { UploadHolds } from '../uploads/upload-holds.js';
import { UploadsService } from '../uploads/uploads.service.js';

/** Milliseconds between looks. */
const LOOK_EVERY_MS = 5_000;
/** Milliseconds between looks for owners who are shut out while they upload. */
const OWNERS_EVERY_MS = 1_000;
/** Milliseconds after which what failed is tried again. */
const TRY_AGAIN_MS = 60_000;
/** Uploads taken up at once. */
const BATCH = 100;

/** Ends uploads whose time is over or whose owner is shut out, and finishes those whose last step an earlier process owes. */
@Injectable()
export class UploadsWorker {
  private readonly logger = new Logger(UploadsWorker.name);
  private readonly failed = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly uploads: UploadsService,
    private readonly ends: UploadEnds,
    private readonly turns: UploadTurns,
    private readonly holds: UploadHolds,
  ) {}

  start(): void {
    this.running = this.sweep();
    this.timer = setInterval(() => (this.running = this.running.then(() => this.sweep())), LOOK_EVERY_MS).unref();
    this.watch = setInterval(() => {
      void this.endShutOut();
      void this.tryTo(() => this.holds.makeWayForOthers());
    }, OWNERS_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    clearInterval(this.watch);
    await this.running;
  }

  private async finish(): Promise<void> {
    const whole = await this.tryTo(() => wholeButUnpublished(this.dataSource));
    for (const upload of whole ?? []) {
      await this.attempt(upload, async () => {
        // Whoever has it is at it.
        if (!(await this.holds.isHeld(upload.id))) await this.uploads.complete(upload);
      });
    }
  }

  /** Whoever is disabled or deleted by another process, as by the command line, sends his last byte now. */
  private async endShutOut(): Promise<void> {
    const owners = [...this.turns.owners()];
    if (owners.length === 0) return;
    try {
      const admitted = await this.dataSource.manager.findBy(User, { id: In(owners), disabled: false });
      const ids = new Set(admitted.map(({ id }) => id));
      for (const id of owners) if (!ids.has(id)) this.turns.endOf(id, new ContractError('notAuthenticated'));
    } catch (error) {
      this.logger.warn({ event: 'owners-not-read', error: String(error) });
    }
  }

  private async sweep(): Promise<void> {
    await this.tryTo(() => this.holds.giveBackLost());
    await this.finish();
    const over = await this.tryTo(() => overdue(this.dataSource, Date.now(), BATCH));
    const left = await this.tryTo(() => abandoned(this.dataSource, BATCH));
    for (const upload of [...(over ?? []), ...(left ?? [])]) await this.attempt(upload, () => this.ends.end(upload));
  }

  /** @returns nothing where it fails: what comes next does not depend on it */
  private async tryTo<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.warn({ event: 'uploads-not-read', error: String(error) });
      return undefined;
    }
  }

  private async attempt({ id: uploadId }: UploadRecord, work: () => Promise<unknown>): Promise<void> {
    if ((this.failed.get(uploadId) ?? 0) > Date.now()) return;
    this.failed.delete(uploadId);
    try {
      await work();
    } catch (error) {
      this.failed.set(uploadId, Date.now() + TRY_AGAIN_MS);
      this.logger.warn({ event: 'upload-left', uploadId, error: String(error) });
    }
  }
}
