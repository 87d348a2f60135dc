import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from './database-errors.js';
import { SqliteSlowReads } from './sqlite-slow-reads.js';

/** Counts up to a number, which takes SQLite about a second for ten million. */
const COUNT = 'WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ?) SELECT MAX(n) AS n FROM s';

describe('slow reads of SQLite', () => {
  let directory: string;
  let writer: SqliteDatabase;
  let slow: SqliteSlowReads;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'defdrive-'));
    writer = new SqliteDatabase(join(directory, 'some.sqlite'));
    writer.pragma('journal_mode = WAL');
    writer.exec("CREATE TABLE t (name TEXT); INSERT INTO t VALUES ('ä'), ('b')");
    slow = new SqliteSlowReads(writer.name);
  });
  afterEach(async () => {
    await slow.close();
    writer.close();
    rmSync(directory, { recursive: true });
  });

  it('take no time of the thread that asks, and see what was committed before', async () => {
    const state = { turns: 0 };
    const timer = setInterval(() => (state.turns += 1), 5);
    expect(await slow.query(COUNT, [2_000_000])).toEqual([{ n: 2_000_000 }]);
    clearInterval(timer);
    expect(state.turns).toBeGreaterThan(5);
    writer.exec("INSERT INTO t VALUES ('c')");
    expect(await slow.query('SELECT name FROM t WHERE name > ?', ['a'])).toEqual([
      { name: 'ä' },
      { name: 'b' },
      { name: 'c' },
    ]);
  });

  it('cannot write, and fail as the driver does', async () => {
    await expect(slow.query("INSERT INTO t VALUES ('x')", [])).rejects.toThrow();
    await expect(slow.query('DELETE FROM t RETURNING name', [])).rejects.toMatchObject({ code: 'SQLITE_READONLY' });
    await expect(slow.query('SELECT nothing', [])).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
    expect(await slow.query('SELECT COUNT(*) AS n FROM t', [])).toEqual([{ n: 2 }]);
  });

  it.skipIf(process.platform !== 'linux')('let the thread that answers requests go first', async () => {
    await slow.query('SELECT 1', []);
    const nice = (thread: string | number) =>
      Number(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]);
    const threads = readdirSync('/proc/self/task').map(nice);
    expect(nice(process.pid)).toBe(Math.min(...threads));
    expect(Math.max(...threads)).toBe(Math.min(19, nice(process.pid) + 10));
  });

  it('are refused once they are closed, and also those that are under way', async () => {
    const outcome = slow.query(COUNT, [20_000_000]).catch((error: unknown) => error);
    await slow.close();
    expect(await outcome).toBeInstanceOf(DatabaseUnavailableError);
    await expect(slow.query('SELECT 1', [])).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });
});
