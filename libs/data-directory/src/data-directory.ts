import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@app/config';
import { SqliteDatabase } from './sqlite-driver.js';

/**
 * Makes the data directory ready: from now on what this process creates is its user's alone (the database library gives
 * its files no mode of its own); creates it (0700), refuses a symbolic link, which could lead the bytes astray,
 * and refuses one that cannot be written.
 */
export function prepareDataDirectory(dataDir: string): void {
  process.umask(0o077);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (!lstatSync(dataDir).isDirectory())
      throw new ConfigError('DATA_DIR', 'must be a directory, not a symbolic link');
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('DATA_DIR', `cannot be used (${(error as NodeJS.ErrnoException).code}): ${dataDir}`);
  }
}

/** Milliseconds for which a look at the lock (`isDataDirectoryLocked`) may be in the way of taking it. */
const LOCK_TIMEOUT_MS = 100;

/** The exclusive right to move bytes in a data directory. */
export interface DataDirectoryLock {
  release(): void;
}

/**
 * Takes the lock of a data directory. The kernel frees it when the process ends, however it ends.
 * An open exclusive transaction of a SQLite file is used, because Node has no advisory file locks of its own.
 * @throws ConfigError when another process holds it
 */
export function lockDataDirectory(dataDir: string): DataDirectoryLock {
  const database = new SqliteDatabase(join(dataDir, 'lock'), { timeout: LOCK_TIMEOUT_MS });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY')) throw error;
    throw new ConfigError('DATA_DIR', `is in use by another DefDrive process: ${dataDir}`);
  }
  held.add(database);
  return {
    release() {
      held.delete(database);
      database.close();
    },
  };
}

/** Whether another process holds the lock of a data directory: a server, or a command that moves bytes. Takes nothing. */
export function isDataDirectoryLocked(dataDir: string): boolean {
  let database: SqliteDatabase | undefined;
  try {
    database = new SqliteDatabase(join(dataDir, 'lock'), { timeout: 0, readonly: true, fileMustExist: true });
    database.prepare('SELECT name FROM sqlite_master').all();
    return false;
  } catch (error) {
    const code = String((error as { code?: string }).code);
    if (code.startsWith('SQLITE_BUSY')) return true;
    // No file: nobody has ever taken the lock.
    if (code === 'SQLITE_CANTOPEN') return false;
    throw error;
  } finally {
    database?.close();
  }
}

/** Keeps the handles alive: garbage collection would close the file and with it give up the lock. */
const held = new Set<SqliteDatabase>();
