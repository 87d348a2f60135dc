import { setTimeout as delay } from 'node:timers/promises';
import type { DiskReserve } from '@app/data-directory';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import {
  DatabaseFullError,
  DatabaseUnavailableError,
  isBusy,
  isInputOutputError,
  translateDatabaseError,
} from './database-errors.js';
import { ReserveKeeper } from './reserve-keeper.js';
import { type GuardedQueryRunner, StatementGuard } from './statement-guard.js';
import { Unit, UnitOfWork, type Work } from './unit-of-work.js';
import { type Job, UnitQueue } from './unit-queue.js';

/** Milliseconds for which another process (the admin command line) may hold the write lock before we give up. */
const PATIENCE_MS = 10_000;

type Outcome = { job: Job; result: unknown } | { job: Job; error: unknown };

/**
 * Writes to SQLite through one connection of its own, one batch after another.
 *
 * SQLite has one writer, and TypeORM one query runner for it that all requests would share: a plain `save()` would join
 * whatever transaction is open and vanish with its rollback. Hence the queue. Units that arrive together share a
 * transaction, each behind a savepoint of its own, because the sync of COMMIT is what a write costs.
 * Nobody is told anything before that COMMIT.
 */
export class SqliteUnitOfWork extends UnitOfWork {
  private readonly logger = new Logger(SqliteUnitOfWork.name);
  private readonly queue = new UnitQueue();
  private draining: Promise<void> | undefined;
  private closed = false;
  private readonly reserve: ReserveKeeper | undefined;

  /** @param reserve none: a full disk is a full disk */
  constructor(
    private readonly writer: DataSource,
    reserve?: DiskReserve,
  ) {
    super();
    this.reserve = reserve && new ReserveKeeper(reserve, () => this.shrinkLog());
  }

  override run<Result>(work: Work<Result>): Promise<Result> {
    if (this.closed) return Promise.reject(new DatabaseUnavailableError('The database is closed'));
    return new Promise((resolve, reject) => {
      this.queue.add({ work, resolve, reject });
      this.draining ??= this.drain();
    });
  }

  override async free<Result>(work: Work<Result>): Promise<Result> {
    try {
      return await this.run(work);
    } catch (error) {
      if (!(error instanceof DatabaseFullError) || !this.reserve?.giveUp()) throw error;
      return this.run(work);
    }
  }

  override keepReserve(): void {
    this.reserve?.keep();
  }

  override async idle(): Promise<void> {
    while (this.draining) await this.draining;
  }

  override async close(): Promise<void> {
    await this.idle();
    this.closed = true;
    if (this.writer.isInitialized) await this.writer.destroy();
    this.reserve?.close();
  }

  /** Gives the room of the write-ahead log back to the disk, if nobody writes just now. */
  private shrinkLog(): void {
    if (this.draining || this.closed) return;
    const runner = this.writer.createQueryRunner();
    // It runs before this returns, so no unit can come in between; and a log that stays as it is does no harm.
    runner.query('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined);
  }

  private async drain(): Promise<void> {
    while (!this.queue.isEmpty) await this.commitTogether(await this.queue.take());
    this.draining = undefined;
  }

  private async commitTogether(batch: Job[]): Promise<void> {
    const runner = this.writer.createQueryRunner() as GuardedQueryRunner;
    const outcomes = await this.transact(batch, runner).catch(async (error: unknown) => {
      await this.restore(runner);
      const cause = translateDatabaseError(error);
      return batch.map((job) => ({ job, error: cause }));
    });
    for (const outcome of outcomes) {
      if ('error' in outcome) outcome.job.reject(outcome.error);
      else outcome.job.resolve(outcome.result as never);
    }
  }

  private async transact(batch: Job[], runner: GuardedQueryRunner): Promise<Outcome[]> {
    await this.begin(runner);
    const connection: { inTransaction: boolean } = await runner.connect();
    // When the engine itself rolls back (disk full, I/O error), that is the fate of the whole batch.
    const guard = (runner.guard = new StatementGuard(() => !connection.inTransaction));
    try {
      const outcomes = await this.carryOut(batch, runner);
      await this.commit(runner);
      return outcomes;
    } catch (error) {
      throw guard.fault ?? error;
    } finally {
      runner.guard = undefined;
    }
  }

  /** Waits for the write lock while another process has it. */
  private async begin(runner: GuardedQueryRunner): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; ;) {
      try {
        return await runner.startTransaction();
      } catch (error) {
        if (!isBusy(error) || Date.now() > deadline) throw error;
        await delay(5 + Math.random() * 20);
      }
    }
  }

  private async carryOut(batch: Job[], runner: GuardedQueryRunner): Promise<Outcome[]> {
    const unit = new Unit(runner);
    const [only] = batch;
    // Alone it needs no savepoint: when it fails, all that there is to take back is the transaction.
    if (only && batch.length === 1) return [{ job: only, result: await only.work(unit) }];
    const outcomes: Outcome[] = [];
    for (const job of batch) {
      await runner.query('SAVEPOINT unit');
      try {
        outcomes.push({ job, result: await job.work(unit) });
      } catch (error) {
        await runner.query('ROLLBACK TO unit');
        outcomes.push({ job, error: translateDatabaseError(error) });
      }
      await runner.query('RELEASE unit');
    }
    return outcomes;
  }

  private async commit(runner: GuardedQueryRunner): Promise<void> {
    try {
      await runner.commitTransaction();
    } catch (error) {
      if (isInputOutputError(error))
        this.die('The disk failed at COMMIT, so its outcome is unknown; the next start decides', error);
      throw error;
    }
  }

  /**
   * Proves that the connection is outside any transaction, else opens it anew: with the engine and TypeORM's own count
   * apart, later transactions would report success and never be committed.
   */
  private async restore(runner: GuardedQueryRunner): Promise<void> {
    try {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      const connection = (await runner.connect()) as { inTransaction: boolean };
      if (!connection.inTransaction && !runner.isTransactionActive) return;
      await this.writer.destroy();
      await this.writer.initialize();
    } catch (error) {
      this.die('The database connection cannot be restored', error);
    }
  }

  private die(message: string, error: unknown): never {
    this.logger.fatal(message, (error as Error).stack);
    process.exit(1);
  }
}
