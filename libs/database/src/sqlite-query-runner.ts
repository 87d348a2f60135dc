import type BetterSqlite3 from 'better-sqlite3';
import { type ObjectLiteral, QueryFailedError, QueryResult } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { GuardedQueryRunner, StatementGuard } from './statement-guard.js';
import type { StatementTimes } from './statement-times.js';

/** Statements that stay prepared; more than the drive has. */
const PREPARED = 500;

/**
 * Runs statements with no more ado than the driver itself. TypeORM's own runner tells subscribers and loggers of each one,
 * before and after; there are none here, and the telling costs more than SQLite takes for a row.
 */
export class SqliteQueryRunner extends BetterSqlite3QueryRunner implements GuardedQueryRunner {
  guard: StatementGuard | undefined;
  private readonly prepared = new Map<string, BetterSqlite3.Statement>();

  constructor(
    driver: BetterSqlite3Driver,
    private readonly times?: StatementTimes,
  ) {
    super(driver);
  }

  /** As TypeORM's: rows of what gives rows, else the id of the row inserted last; structured, also the number of rows changed. */
  override async query(
    sql: string,
    parameters: unknown[] | ObjectLiteral = [],
    structured = false,
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    this.guard?.assertUnharmed();
    const values = (parameters as unknown[]).map(asSqlite);
    const ended = this.times?.begin(sql);
    try {
      const result = carryOut(this.prepared.get(sql) ?? this.prepare(sql), values);
      return structured ? result : result.raw;
    } catch (error) {
      const failure = new QueryFailedError(sql, values, error as Error);
      this.guard?.note(failure);
      throw failure;
    } finally {
      ended?.();
    }
  }

  /** TypeORM's own begins without the write lock, and would meet another writer in the midst of the work. */
  override async startTransaction(): Promise<void> {
    if (this.isTransactionActive) return super.startTransaction();
    await this.query('BEGIN IMMEDIATE');
    this.isTransactionActive = true;
    this.transactionDepth = 1;
  }

  override async commitTransaction(): Promise<void> {
    if (this.transactionDepth !== 1) return super.commitTransaction();
    await this.query('COMMIT');
    this.isTransactionActive = false;
    this.transactionDepth = 0;
  }

  private prepare(sql: string): BetterSqlite3.Statement {
    const statement: BetterSqlite3.Statement = this.driver.databaseConnection.prepare(sql);
    if (this.prepared.size >= PREPARED) this.prepared.clear();
    this.prepared.set(sql, statement);
    return statement;
  }
}

function carryOut(statement: BetterSqlite3.Statement, values: unknown[]): QueryResult {
  const result = new QueryResult();
  if (statement.reader) {
    result.raw = result.records = statement.all(values);
  } else {
    const { changes, lastInsertRowid } = statement.run(values);
    result.affected = changes;
    result.raw = lastInsertRowid;
  }
  return result;
}

/** The driver binds no booleans. */
function asSqlite(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}
