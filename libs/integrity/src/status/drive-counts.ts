import type { DataSource } from 'typeorm';

/** What an overview says of the database. */
export interface DatabaseKind {
  readonly kind: 'sqlite' | 'mariadb' | 'mysql';
  readonly version: string;
}

/** Written out: the counters of the accounts are read instead of their files, which may be millions. */
const COUNTS = `
  SELECT (SELECT COUNT(*) FROM users) AS users,
    (SELECT COALESCE(SUM(usedFiles), 0) FROM users) AS files,
    (SELECT COALESCE(SUM(usedBytes), 0) FROM users) AS bytes,
    (SELECT COUNT(*) FROM accesses) AS accesses,
    (SELECT COUNT(*) FROM blobRemovals) AS removalsWaiting,
    (SELECT COUNT(*) FROM files WHERE state = 'pending') AS uploadsUnderWay`;

export interface DriveCounts {
  readonly users: number;
  readonly files: number;
  /** Of the files. */
  readonly bytes: number;
  readonly accesses: number;
  readonly removalsWaiting: number;
  readonly uploadsUnderWay: number;
}

/** @param query how it may be asked: it may take a while where there are millions of links */
export async function countDrive(query: (sql: string) => Promise<DriveCounts[]>): Promise<DriveCounts> {
  return asNumbers((await query(COUNTS))[0]!);
}

export async function databaseKind(dataSource: DataSource): Promise<DatabaseKind> {
  const isSqlite = dataSource.options.type === 'better-sqlite3';
  const sql = isSqlite ? 'SELECT sqlite_version() AS version' : 'SELECT VERSION() AS version';
  const [{ version }] = await dataSource.query<[{ version: string }]>(sql);
  if (isSqlite) return { kind: 'sqlite', version };
  return { kind: version.includes('MariaDB') ? 'mariadb' : 'mysql', version };
}

/** MariaDB gives a sum as text. */
export function asNumbers<Row extends object>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : Number(value)]),
  ) as Row;
}
