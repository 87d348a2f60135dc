import { ConfigError } from '@app/config';
import { DiskReserve } from '@app/data-directory';
import { DataSource } from 'typeorm';
import { dataSourceOptions, type DatabaseSettings } from './data-source.js';
import { DatabaseUnavailableError, isDatabaseAway } from './database-errors.js';
import { MigratableDataSource } from './migratable-data-source.js';
import { mysqlOptions } from './mysql-options.js';
import { checkMysqlServer } from './mysql-server.js';
import { MysqlUnitOfWork } from './mysql-unit-of-work.js';
import { runDirectly } from './run-directly.js';
import { refuseDamaged } from './damage.js';
import { migrateUnlessNewer, requireCurrentSchema, requireDatabaseFile } from './schema-status.js';
import { MysqlSlowReads } from './mysql-slow-reads.js';
import type { SlowReads } from './slow-reads.js';
import { sqliteOptions } from './sqlite-options.js';
import { SqliteSlowReads } from './sqlite-slow-reads.js';
import { SqliteUnitOfWork } from './sqlite-unit-of-work.js';
import { StatementLog } from './statement-log.js';
import { StatementTimes } from './statement-times.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Milliseconds for a statement; longer than a lock is waited for. */
const QUERY_TIMEOUT_MS = 20_000;

const logger = new StatementLog();

/** The ways to the database, ready to be used. */
export interface Database {
  readonly reader: DataSource;
  readonly slow: SlowReads;
  readonly units: UnitOfWork;
  readonly times: StatementTimes;
  /** Waits for the units under way, then closes every connection. */
  close(): Promise<void>;
}

/** `migrate`: made if need be, and brought up to date. `require`: it must be there and up to date already. */
export type SchemaPolicy = 'migrate' | 'require';

/**
 * Opens the database that the settings name.
 * @throws DatabaseUnavailableError when the server cannot be reached now
 * @throws ConfigError when it is not one that can be used, or what is required is not there
 * @throws SchemaMismatchError when it is newer than this program, or required to be up to date and is not
 * @throws DatabaseDamagedError when its file is no database any more
 */
export async function openDatabase(settings: DatabaseSettings, schema: SchemaPolicy = 'migrate'): Promise<Database> {
  const bringUpToDate = (dataSource: DataSource) =>
    schema === 'migrate' ? migrateUnlessNewer(dataSource) : requireCurrentSchema(dataSource);
  if (settings.databaseUrl) return openMysql(settings, settings.databaseUrl, bringUpToDate);
  const reserve = new DiskReserve(settings.dataDir);
  if (schema === 'require') requireDatabaseFile(settings);
  // On a full disk not even the log of the database could be opened.
  else if (reserve.isNeeded) reserve.giveUp();
  return refuseDamaged(openSqlite(settings, bringUpToDate, reserve));
}

type BringUpToDate = (dataSource: DataSource) => Promise<unknown>;

/**
 * Two connections: one that writes, which only the unit of work uses, and one that reads and can do nothing else, so that
 * a write that goes round the unit of work fails at once instead of being lost in somebody else's transaction.
 */
async function openSqlite(
  settings: DatabaseSettings,
  bringUpToDate: BringUpToDate,
  reserve: DiskReserve,
): Promise<Database> {
  const times = new StatementTimes();
  const options = { ...dataSourceOptions(settings), logger };
  const writer = await runDirectly(new MigratableDataSource(options), times).initialize();
  await bringUpToDate(writer);
  const reading = sqliteOptions(settings.dataDir, 'reader');
  const reader = await runDirectly(new MigratableDataSource({ ...reading, logger }), times).initialize();
  const slow = new SqliteSlowReads(reading.database);
  const units = new SqliteUnitOfWork(writer, reserve);
  const close = async () => {
    await Promise.all([slow.close(), units.close()]);
    if (reader.isInitialized) await reader.destroy();
  };
  return { reader, slow, units, times, close };
}

/** One pool for everything. The migrations have connections of their own, since they may take longer than any request. */
async function openMysql(settings: DatabaseSettings, url: string, bringUpToDate: BringUpToDate): Promise<Database> {
  const migrator = await connectAtStart(new MigratableDataSource({ ...dataSourceOptions(settings), logger }));
  try {
    await checkMysqlServer(migrator);
    await bringUpToDate(migrator);
  } finally {
    await migrator.destroy();
  }
  const times = new StatementTimes();
  const direct = runDirectly(new DataSource({ ...mysqlOptions(url, QUERY_TIMEOUT_MS), logger }), times);
  const pool = await connectAtStart(direct);
  const units = new MysqlUnitOfWork(pool);
  return { reader: pool, slow: new MysqlSlowReads(pool), units, times, close: () => units.close() };
}

async function connectAtStart(dataSource: DataSource): Promise<DataSource> {
  try {
    return await dataSource.initialize();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Codes only: a message may carry the user's name and the address.
    const problem = `leads to no database that can be used (${code ?? message})`;
    if (isDatabaseAway(error)) throw new DatabaseUnavailableError(`DATABASE_URL ${problem}`, { cause: error });
    throw new ConfigError('DATABASE_URL', problem);
  }
}
