import type { DataSource } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { MariaDbQueryRunner } from './mariadb-query-runner.js';
import { SqliteQueryRunner } from './sqlite-query-runner.js';
import type { StatementTimes } from './statement-times.js';

/**
 * Has a data source that is not in use yet run its statements without TypeORM's ceremony (docs/decisions/0051).
 * @param times are told of each
 */
export function runDirectly<Source extends DataSource>(dataSource: Source, times?: StatementTimes): Source {
  if (dataSource.driver instanceof BetterSqlite3Driver) onSqlite(dataSource.driver, times);
  else onMariaDb(dataSource.driver as MysqlDriver, times);
  return dataSource;
}

/** One runner for a connection, as TypeORM has it. */
function onSqlite(driver: BetterSqlite3Driver, times?: StatementTimes): void {
  driver.createQueryRunner = () =>
    (driver.queryRunner ??= new SqliteQueryRunner(driver, times)) as BetterSqlite3QueryRunner;
}

/** One runner each time; it takes its connection from the pool. */
function onMariaDb(driver: MysqlDriver, times?: StatementTimes): void {
  driver.createQueryRunner = (mode) => new MariaDbQueryRunner(driver, mode, times);
}
