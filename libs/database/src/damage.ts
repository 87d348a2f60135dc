import type { DataSource } from 'typeorm';
import { driverErrorOf } from './database-errors.js';

/** Problems that are told of one database; where there are more, the first say enough. */
const MOST = 20;

/** The database's own file is damaged. The message is meant for the admin. */
export class DatabaseDamagedError extends Error {
  override readonly name = 'DatabaseDamagedError';
}

/** Gives the damage of a SQLite file, of which opening or reading it tells, its own error. */
export async function refuseDamaged<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!isDamage(error)) throw error;
    const cause = (error as Error).message;
    throw new DatabaseDamagedError(`The database is damaged (${cause}): bring it back from a backup`, { cause: error });
  }
}

/**
 * What the engine itself finds wrong with its files: nothing, in a database that is whole. Reads all of it.
 */
export async function findDamage(dataSource: DataSource): Promise<string[]> {
  try {
    return dataSource.options.type === 'better-sqlite3' ? await ofSqlite(dataSource) : await ofMysql(dataSource);
  } catch (error) {
    if (isDamage(error)) return [(error as Error).message];
    throw error;
  }
}

async function ofSqlite(dataSource: DataSource): Promise<string[]> {
  const rows: { integrity_check: string }[] = await dataSource.query(`PRAGMA integrity_check(${MOST})`);
  return rows.map((row) => row.integrity_check).filter((problem) => problem !== 'ok');
}

/** Table after table, so that none of the statements takes long. What is worth a note is no damage. */
async function ofMysql(dataSource: DataSource): Promise<string[]> {
  const problems: string[] = [];
  for (const { tableName } of dataSource.entityMetadatas) {
    const rows: { Msg_type: string; Msg_text: string }[] = await dataSource.query(`CHECK TABLE ${tableName}`);
    const faults = rows.filter(({ Msg_type }) => Msg_type === 'error' || Msg_type === 'warning');
    problems.push(...faults.map(({ Msg_text }) => `${tableName}: ${Msg_text}`));
  }
  return problems.slice(0, MOST);
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(driverErrorOf(error).code ?? '');
}
