import { join } from 'node:path';
import type { AppConfig } from '@app/config';
import type BetterSqlite3 from 'better-sqlite3';
import type { DataSourceOptions } from 'typeorm';
import { ENTITIES } from './entities/index.js';
import { Initial1764000000000 } from './migrations/1764000000000-initial.js';

/** Milliseconds a statement may block the process for another process's lock; the unit of work waits longer, unblocked. */
const BUSY_TIMEOUT_MS = 50;

/**
 * SQLite forgets `synchronous` at each opening and would come up with NORMAL, under which the last commits before a
 * power cut are lost.
 */
function prepare(connection: BetterSqlite3.Database): void {
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** How TypeORM reaches the database that the settings name. */
export function dataSourceOptions(config: Pick<AppConfig, 'dataDir' | 'databaseUrl'>): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: join(config.dataDir, 'defdrive.sqlite'),
    prepareDatabase: prepare,
    entities: ENTITIES,
    migrations: [Initial1764000000000],
    migrationsTransactionMode: 'each',
    synchronize: false,
  };
}
