import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type Migration, type QueryRunner } from 'typeorm';
import { DatabaseUnavailableError, isBusy } from './database-errors.js';

/** Seconds for which a process waits for another one's migrations. */
const PATIENCE_S = 60;

type Options = Parameters<DataSource['runMigrations']>[0];

/**
 * A data source whose migrations, up and down, run under a lock, so that processes which start together do not collide;
 * also under TypeORM's own command line (ormconfig.ts).
 */
export class MigratableDataSource extends DataSource {
  /** Opens the database; waits while another process sets up the same new file. */
  override async initialize(): Promise<this> {
    return retryBusy(() => super.initialize());
  }

  override async runMigrations(options?: Options): Promise<Migration[]> {
    return this.exclusively((transaction) => super.runMigrations({ ...options, transaction }));
  }

  override async undoLastMigration(options?: Options): Promise<void> {
    return this.exclusively((transaction) => super.undoLastMigration({ ...options, transaction }));
  }

  private async exclusively<Result>(migrate: (mode: 'none' | 'each') => Promise<Result>): Promise<Result> {
    const runner = this.createQueryRunner();
    try {
      return this.options.type === 'better-sqlite3'
        ? await inOneTransaction(runner, () => migrate('none'))
        : await underNamedLock(runner, () => migrate('each'));
    } finally {
      await runner.release();
    }
  }
}

/**
 * SQLite: the write lock is the lock, and everything is one transaction. Foreign keys are switched off before it, because
 * inside it that has no effect, and rebuilding a table would take the rows along that refer to it (TypeORM's own
 * revert does that).
 */
async function inOneTransaction<Result>(runner: QueryRunner, migrate: () => Promise<Result>): Promise<Result> {
  await runner.query('PRAGMA foreign_keys = OFF');
  try {
    await retryBusy(() => runner.query('BEGIN IMMEDIATE'));
    try {
      const result = await migrate();
      // Where nothing was migrated, damage that is there already must not keep the server from its start.
      if (!Array.isArray(result) || result.length > 0) await requireReferences(runner);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.query('PRAGMA foreign_keys = ON');
  }
}

async function requireReferences(runner: QueryRunner): Promise<void> {
  const [orphan] = await runner.query('PRAGMA foreign_key_check');
  if (orphan) throw new Error(`The migration leaves rows of ${orphan.table} without what they refer to`);
}

/** MariaDB and MySQL: a lock by name, which the server frees when the connection ends. Their DDL knows no transactions. */
async function underNamedLock<Result>(runner: QueryRunner, migrate: () => Promise<Result>): Promise<Result> {
  // Cut to the 64 characters that a lock's name has; MySQL 9 has no SHA1 any more.
  const name = "LEFT(CONCAT('defdrive.', SHA2(DATABASE(), 256)), 64)";
  const [{ held }] = await runner.query(`SELECT GET_LOCK(${name}, ${PATIENCE_S}) AS held`);
  if (held !== 1) throw new DatabaseUnavailableError('Another process is migrating the database');
  try {
    return await migrate();
  } finally {
    await runner.query(`DO RELEASE_LOCK(${name})`);
  }
}

async function retryBusy<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (const deadline = Date.now() + PATIENCE_S * 1000; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      await delay(10 + Math.random() * 20);
    }
  }
}
