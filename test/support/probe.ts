import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';
import { createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { inject } from 'vitest';

/** The settings that say where a drive's database is. */
export interface DatabaseSettings {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
}

type Parameters = readonly (string | number | null)[];

/**
 * A look at the database from outside, on a connection of its own: for asserting the rows after, and for planting faults.
 * SQL must suit both engines, `?` for parameters. Whole numbers come as numbers on both, booleans as 0 and 1.
 */
export interface Probe {
  rows<Row = Record<string, unknown>>(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** Gives the number of rows that the statement changed. */
  run(sql: string, parameters?: Parameters): Promise<number>;
  /**
   * From now on each such statement on the table fails, with the message `planted`, or those on some of its rows. Gives
   * what lifts the fault.
   */
  plantFault(event: 'INSERT' | 'UPDATE' | 'DELETE', table: string, rows?: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** `DB=sqlite|mariadb`: the engine that this run of the tests uses. */
export function testEngine(): 'sqlite' | 'mariadb' {
  return inject('databaseServer') ? 'mariadb' : 'sqlite';
}

/** The environment that gives a drive an empty database of this run's engine. */
export async function databaseForTest(): Promise<{ DATABASE_URL?: string }> {
  const server = inject('databaseServer');
  if (!server) return {};
  const connection = await createConnection(server);
  const name = `t${crypto.randomUUID().replaceAll('-', '')}`;
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
  return { DATABASE_URL: `${server}${name}` };
}

export async function openProbe({ dataDir, databaseUrl }: DatabaseSettings): Promise<Probe> {
  return databaseUrl ? openMysqlProbe(databaseUrl) : openSqliteProbe(join(dataDir, 'defdrive.sqlite'));
}

function openSqliteProbe(path: string): Probe {
  const database = new SqliteDatabase(path, { timeout: 10_000, fileMustExist: true });
  const run = async (sql: string, parameters: Parameters = []) => database.prepare(sql).run(...parameters).changes;
  return {
    run,
    rows: async <Row>(sql: string, parameters: Parameters = []) => database.prepare(sql).all(...parameters) as Row[],
    async plantFault(event, table, rows = '1 = 1') {
      const name = `fault_${event}_${table}`;
      await run(
        `CREATE TRIGGER ${name} BEFORE ${event} ON ${table} WHEN ${rows} BEGIN SELECT RAISE(ABORT, 'planted'); END`,
      );
      return async () => void (await run(`DROP TRIGGER ${name}`));
    },
    close: async () => void database.close(),
  };
}

async function openMysqlProbe(uri: string): Promise<Probe> {
  const connection = await createConnection({
    uri,
    supportBigNumbers: true,
    decimalNumbers: true,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
  });
  const run = async (sql: string, parameters: Parameters = []) =>
    (await connection.query<ResultSetHeader>(sql, [...parameters]))[0].affectedRows;
  return {
    run,
    rows: async <Row>(sql: string, parameters: Parameters = []) =>
      (await connection.query<RowDataPacket[]>(sql, [...parameters]))[0] as Row[],
    async plantFault(event, table, rows = '1 = 1') {
      const name = `fault_${event}_${table}`;
      const signal = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'planted'";
      await run(`CREATE TRIGGER ${name} BEFORE ${event} ON ${table} FOR EACH ROW IF ${rows} THEN ${signal}; END IF`);
      return async () => void (await run(`DROP TRIGGER ${name}`));
    },
    close: () => connection.end(),
  };
}
