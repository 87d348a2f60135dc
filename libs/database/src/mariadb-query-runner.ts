import type { PoolConnection, QueryError, QueryResult as Answer } from 'mysql2';
import { type ObjectLiteral, QueryFailedError, QueryResult, QueryRunnerAlreadyReleasedError } from 'typeorm';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { MysqlQueryRunner } from 'typeorm/driver/mysql/MysqlQueryRunner.js';
import type { ReplicationMode } from 'typeorm/driver/types/ReplicationMode.js';
import type { GuardedQueryRunner, StatementGuard } from './statement-guard.js';
import type { StatementTimes } from './statement-times.js';

const TIMED_OUT = 'PROTOCOL_SEQUENCE_TIMEOUT';

/** Sends statements to MariaDB or MySQL with no more ado than the driver itself; see `SqliteQueryRunner`. */
export class MariaDbQueryRunner extends MysqlQueryRunner implements GuardedQueryRunner {
  guard: StatementGuard | undefined;

  constructor(
    driver: MysqlDriver,
    mode: ReplicationMode,
    private readonly times?: StatementTimes,
  ) {
    super(driver, mode);
  }

  /** As TypeORM's: rows of what gives rows, else the driver's header; structured, also the number of rows changed. */
  override async query(
    sql: string,
    parameters: unknown[] | ObjectLiteral = [],
    structured = false,
  ): Promise<QueryResult & Answer> {
    this.guard?.assertUnharmed();
    if (this.isReleased) throw new QueryRunnerAlreadyReleasedError();
    const connection: PoolConnection = await this.connect();
    const raw = await this.send(connection, sql, parameters as unknown[]);
    if (!structured) return raw as never;
    const result = new QueryResult();
    result.raw = raw;
    if (Array.isArray(raw)) result.records = raw;
    else result.affected = raw.affectedRows;
    return result as never;
  }

  override async startTransaction(): Promise<void> {
    if (this.isTransactionActive) return super.startTransaction();
    this.isTransactionActive = true;
    await this.query('START TRANSACTION');
    this.transactionDepth = 1;
  }

  override async commitTransaction(): Promise<void> {
    if (this.transactionDepth !== 1) return super.commitTransaction();
    await this.query('COMMIT');
    this.isTransactionActive = false;
    this.transactionDepth = 0;
  }

  private send(connection: PoolConnection, sql: string, parameters: unknown[]): Promise<Answer> {
    const { enableQueryTimeout, maxQueryExecutionTime: timeout = 0 } = this.driver.options;
    const options = enableQueryTimeout && timeout > 0 ? { sql, timeout } : { sql };
    const ended = this.times?.begin(sql);
    return new Promise((resolve, reject) => {
      connection.query(options, parameters, (error: QueryError | null, answer: Answer) => {
        ended?.();
        if (!error) return resolve(answer);
        if (error.code === TIMED_OUT) this.driver.dataSource.logger.logQuerySlow(timeout, sql);
        const failure = new QueryFailedError(sql, parameters, error);
        this.guard?.note(failure);
        reject(failure);
      });
    });
  }
}
