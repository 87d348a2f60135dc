import { ConfigError } from '@app/config';
import { SqliteDatabase } from '@app/data-directory';
import { DataSource } from 'typeorm';
import { type DatabaseSettings, dataSourceOptions } from './data-source.js';
import { MigratableDataSource } from './migratable-data-source.js';

/** How a database's schema compares with this program's: names of migrations, oldest first. */
export interface SchemaStatus {
  readonly applied: readonly string[];
  /** Known to this program and not carried out yet. */
  readonly pending: readonly string[];
  /** Carried out by a newer program. */
  readonly unknown: readonly string[];
}

/** The database's schema is not the one that this program works with. The message is meant for the admin. */
export class SchemaMismatchError extends Error {
  override readonly name = 'SchemaMismatchError';
}

/** @throws ConfigError where there is no database; nothing is created */
export async function readSchemaStatus(settings: DatabaseSettings): Promise<SchemaStatus> {
  return withExisting(settings, statusOf);
}

/**
 * Brings the schema of a database that is there up to date.
 * @returns the names of the migrations that were carried out
 * @throws ConfigError where there is no database
 * @throws SchemaMismatchError when a newer program has migrated it already
 */
export async function migrateDatabase(settings: DatabaseSettings): Promise<string[]> {
  return withExisting(settings, migrateUnlessNewer);
}

/**
 * @returns the names of the migrations that were carried out
 * @throws SchemaMismatchError when a newer program has migrated it already
 */
export async function migrateUnlessNewer(dataSource: DataSource): Promise<string[]> {
  requireNotNewer(await statusOf(dataSource));
  return (await dataSource.runMigrations()).map(({ name }) => name);
}

/** @throws SchemaMismatchError when the schema is older or newer than this program's */
export async function requireCurrentSchema(dataSource: DataSource): Promise<void> {
  const status = await statusOf(dataSource);
  requireNotNewer(status);
  if (status.pending.length === 0) return;
  throw new SchemaMismatchError(
    `The database is older than this program (${status.pending.length} migrations to go): ` +
      'run "database migrate", or start the server of this version, first',
  );
}

/** @throws ConfigError where SQLite would make a new file instead of opening one */
export function requireDatabaseFile(settings: DatabaseSettings): void {
  if (settings.databaseUrl) return;
  const { database } = dataSourceOptions(settings) as { database: string };
  try {
    new SqliteDatabase(database, { fileMustExist: true, readonly: true }).close();
  } catch {
    throw new ConfigError('DATA_DIR', `holds no database that can be opened: ${settings.dataDir}`);
  }
}

function requireNotNewer({ unknown }: SchemaStatus): void {
  if (unknown.length === 0) return;
  throw new SchemaMismatchError(
    `The database is newer than this program (it knows ${unknown.at(-1)}): use the version that the server runs`,
  );
}

async function statusOf(dataSource: DataSource): Promise<SchemaStatus> {
  const applied = await appliedMigrations(dataSource);
  const known = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  return {
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

async function appliedMigrations(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    if (!(await runner.hasTable('migrations'))) return [];
    const rows: { name: string }[] = await runner.query('SELECT name FROM migrations ORDER BY id');
    return rows.map(({ name }) => name);
  } finally {
    await runner.release();
  }
}

async function withExisting<Result>(
  settings: DatabaseSettings,
  work: (dataSource: MigratableDataSource) => Promise<Result>,
): Promise<Result> {
  requireDatabaseFile(settings);
  const dataSource = await new MigratableDataSource(dataSourceOptions(settings)).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
