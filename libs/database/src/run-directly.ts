import type { DataSource } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { MariaDbQueryRunner } from './mariadb-query-runner.js';
import { SqliteQueryRunner } from './sqlite-query-runner.js';

/** Has a data source that is not in use yet run its statements without TypeORM's ceremony (docs/decisions/0051). */
export function runDirectly<Source extends DataSource>(dataSource: Source): Source {
  if (dataSource.driver instanceof BetterSqlite3Driver) onSqlite(dataSource.driver);
  else onMariaDb(dataSource.driver as MysqlDriver);
  return dataSource;
}

/** One runner for a connection, as TypeORM has it. */
function onSqlite(driver: BetterSqlite3Driver): void {
  driver.createQueryRunner = () => (driver.queryRunner ??= new SqliteQueryRunner(driver)) as BetterSqlite3QueryRunner;
}

/** One runner each time; it takes its connection from the pool. */
function onMariaDb(driver: MysqlDriver): void {
  driver.createQueryRunner = (mode) => new MariaDbQueryRunner(driver, mode);
}
