import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

/** The first version of Node-API that better-sqlite3 13 works with: Node.js 22.14 and later have it. */
const NODE_API = 10;

/** The package that SQLite comes from, under the name by which it is installed (docs/decisions/0060). */
export const SQLITE_PACKAGE = Number(process.versions.napi) >= NODE_API ? 'better-sqlite3-13' : 'better-sqlite3';

/** SQLite. Both versions have the same API. */
export const SqliteDatabase: typeof BetterSqlite3 = createRequire(import.meta.url)(SQLITE_PACKAGE);

/** A connection. */
export type SqliteDatabase = BetterSqlite3.Database;
