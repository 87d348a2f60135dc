import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  isConnectionFault,
  isDeadlock,
  leavesCommitOpen,
  translateDatabaseError,
} from './database-errors.js';
import { type GuardedQueryRunner, StatementGuard } from './statement-guard.js';
import { type Committed, Unit, UnitOfWork, type Work } from './unit-of-work.js';

/** How often a unit is carried out at most when it loses against others. */
const ATTEMPTS = 5;
/** Milliseconds, doubled at each further attempt. */
const PAUSE_MS = 10;
/** Milliseconds for which the outcome of a broken COMMIT is asked for: a server that crashed is back by then, as a rule. */
const ASK_FOR_MS = 10_000;
const ASK_EVERY_MS = 200;

/** `open`: the error with which COMMIT broke, so that its outcome is not known. */
interface Attempt<Result> {
  readonly result: Result;
  readonly open?: unknown;
}

/**
 * Writes to MariaDB or MySQL: each unit is a transaction on a connection of the pool, at READ COMMITTED, side by side with
 * others. Exactness comes from row locks, taken in one order (users, files, accesses, removals), and from conditional
 * updates; when the server ends a unit in favour of another one, the whole of it runs again.
 */
export class MysqlUnitOfWork extends UnitOfWork {
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override run<Result>(work: Work<Result>, committed?: Committed<Result>): Promise<Result> {
    return this.follow(this.carryOut(work, committed));
  }

  /** The server commits it by itself. */
  override change(sql: string, parameters: unknown[]): Promise<number> {
    return this.follow(untilItWins(() => this.changeAlone(sql, parameters)));
  }

  private follow<Result>(work: Promise<Result>): Promise<Result> {
    const unit = work.catch((error: unknown) => {
      throw translateDatabaseError(error);
    });
    const settled = unit.then(
      () => undefined,
      () => undefined,
    );
    this.underWay.add(settled);
    void settled.then(() => this.underWay.delete(settled));
    return unit;
  }

  override async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  override async close(): Promise<void> {
    await this.idle();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async carryOut<Result>(work: Work<Result>, committed?: Committed<Result>): Promise<Result> {
    const attempt = await untilItWins(() => this.attempt(work));
    if (attempt.open === undefined) return attempt.result;
    if (committed && (await this.isCommitted((unit) => committed(unit, attempt.result), attempt.open)))
      return attempt.result;
    throw committed
      ? new DatabaseUnavailableError('The connection broke before COMMIT', { cause: attempt.open })
      : new CommitOutcomeUnknownError('The connection broke during COMMIT', { cause: attempt.open });
  }

  private async changeAlone(sql: string, parameters: unknown[]): Promise<number> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.connect();
      return await new Unit(runner).change(sql, parameters).catch((error: unknown) => {
        if (!leavesCommitOpen(error)) throw error;
        throw new CommitOutcomeUnknownError('The connection broke during a statement', { cause: error });
      });
    } finally {
      await runner.release();
    }
  }

  private async attempt<Result>(work: Work<Result>): Promise<Attempt<Result>> {
    const runner = this.dataSource.createQueryRunner() as GuardedQueryRunner;
    const guard = (runner.guard = new StatementGuard(endsTransaction));
    try {
      await runner.startTransaction();
      const result = await work(new Unit(runner));
      // A cluster node answers ok to the COMMIT of a unit that has lost, and commits nothing.
      if (guard.fault) throw guard.fault;
      return { result, open: await commit(runner) };
    } catch (error) {
      throw guard.fault ?? error;
    } finally {
      runner.guard = undefined;
      await giveBack(runner);
    }
  }

  /** @throws CommitOutcomeUnknownError when the database does not answer in time */
  private async isCommitted(asks: Work<boolean>, open: unknown): Promise<boolean> {
    for (const deadline = Date.now() + ASK_FOR_MS; ; await delay(ASK_EVERY_MS)) {
      try {
        return (await this.attempt(asks)).result;
      } catch (error) {
        const passes = isConnectionFault(error) || isDeadlock(error);
        if (!passes || Date.now() > deadline)
          throw new CommitOutcomeUnknownError('The database does not say what became of COMMIT', { cause: open });
      }
    }
  }
}

async function untilItWins<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isDeadlock(error) || count === ATTEMPTS) throw error;
      await delay(PAUSE_MS * 2 ** count * Math.random());
    }
  }
}

function endsTransaction(error: unknown): boolean {
  return isDeadlock(error) || isConnectionFault(error);
}

/** Gives the error after which the outcome is open, if it is. */
async function commit(runner: QueryRunner): Promise<unknown> {
  try {
    await runner.commitTransaction();
    return undefined;
  } catch (error) {
    if (leavesCommitOpen(error)) return error;
    throw error;
  }
}

/** Gives the connection back to the pool outside any transaction, or not at all. */
async function giveBack(runner: QueryRunner): Promise<void> {
  if (runner.isTransactionActive) {
    try {
      await runner.rollbackTransaction();
    } catch {
      await runner.connect().then(
        (connection: { destroy(): void }) => connection.destroy(),
        () => undefined,
      );
    }
  }
  await runner.release();
}
