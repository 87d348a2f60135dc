import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';
import type { BetterSqlite3DataSourceOptions } from 'typeorm/driver/better-sqlite3/BetterSqlite3DataSourceOptions.js';
import { SCHEMA } from './schema.js';

/**
 * Milliseconds for which a read may block the process for another one's lock. With a write-ahead log a read waits for
 * nothing but the recovery after a crash. A write never blocks: the unit of work waits and tries again instead.
 */
const READ_TIMEOUT_MS = 50;

/** How TypeORM reaches `defdrive.sqlite` in the data directory; the reader fails at any attempt to write. */
export function sqliteOptions(dataDir: string, role: 'reader' | 'writer'): BetterSqlite3DataSourceOptions {
  return {
    ...SCHEMA,
    type: 'better-sqlite3',
    driver: SqliteDatabase,
    database: join(dataDir, 'defdrive.sqlite'),
    timeout: role === 'reader' ? READ_TIMEOUT_MS : 0,
    prepareDatabase: (connection) => prepare(connection as SqliteDatabase, role),
  };
}

/**
 * SQLite forgets `synchronous` at each opening and would come up with NORMAL, under which the last commits before a
 * power cut are lost.
 */
function prepare(connection: SqliteDatabase, role: 'reader' | 'writer'): void {
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  // Else each unit's savepoint writes what it may have to take back to a file, which costs half of the transaction.
  if (role === 'writer') connection.pragma('temp_store = MEMORY');
  if (role === 'reader') connection.pragma('query_only = 1');
}
