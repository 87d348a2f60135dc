import { performance } from 'node:perf_hooks';
import {
  type Database,
  DatabaseUnavailableError,
  dataSourceOptions,
  openDatabase,
  translateDatabaseError,
  type Unit,
} from '@app/database';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { closing } from '../support/columns.js';
import { describeWith } from '../support/engines.js';
import { gate } from '../support/gate.js';
import { MariaDb } from '../support/mariadb.js';
import { openProbe, type Probe } from '../support/probe.js';
import { addStorage } from './rows.js';

const settingsOf = (databaseUrl: string) => ({ dataDir: '/nonexistent', databaseUrl });

describeWith('mariadb', 'a unit of work on MariaDB', () => {
  const closed = closing();
  let server: MariaDb;
  let url: string;
  let database: Database;
  let probe: Probe;

  beforeAll(async () => {
    server = await MariaDb.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    database = closed(await openDatabase(settingsOf(url)));
    probe = closed(await openProbe(settingsOf(url)));
  });

  const add = (id: string) => database.units.run((unit) => addStorage(unit, id));
  const storages = async () =>
    (await probe.rows<{ id: string }>('SELECT id FROM storages ORDER BY id')).map((row) => row.id);
  /** Two units that lock the rows `a` and `b` in opposite order, and meet in between. */
  const deadlock = async (between: (unit: Unit, lock: () => Promise<unknown>) => Promise<unknown>) => {
    await Promise.all(['a', 'b'].map(add));
    let waiting = 0;
    const met = gate();
    const runs = [0, 0];
    const units = [
      ['a', 'b'],
      ['b', 'a'],
    ].map(([first, second], index) =>
      database.units.run(async (unit) => {
        runs[index]!++;
        const lock = (id: string) => unit.change('UPDATE storages SET createdAt = createdAt + 1 WHERE id = ?', [id]);
        await lock(first!);
        if (++waiting === 2) met.open();
        await met.opened;
        await between(unit, () => lock(second!));
      }),
    );
    await Promise.all(units);
    return runs.toSorted();
  };

  it('is at READ COMMITTED, strict, in UTC, on every connection', async () => {
    const ask = 'SELECT @@tx_isolation AS isolation, @@sql_mode AS mode, @@time_zone AS zone';
    const units = Array.from({ length: 5 }, () => database.units.run((unit) => unit.rows(ask, [])));
    for (const [row] of [...(await Promise.all(units)), await database.reader.query(ask)] as Record<string, string>[][])
      expect(row).toEqual({
        isolation: 'READ-COMMITTED',
        mode: expect.stringContaining('STRICT_TRANS_TABLES'),
        zone: '+00:00',
      });
  });

  it('runs again as a whole when it loses a deadlock, and both units are done', async () => {
    expect(await deadlock((_, lock) => lock())).toEqual([1, 2]);
    expect(await probe.rows('SELECT createdAt FROM storages ORDER BY id')).toEqual([
      { createdAt: 3 },
      { createdAt: 3 },
    ]);
  });

  it('runs again also when the work hides that it has lost, and keeps nothing of the lost run', async () => {
    const runs = await deadlock(async (unit, lock) => {
      const lost = await lock().then(
        () => false,
        () => true,
      );
      // The server has rolled back: this would be outside any transaction, and stay.
      if (lost) await addStorage(unit, 'stray').catch(() => undefined);
    });
    expect(runs).toEqual([1, 2]);
    expect(await storages()).toEqual(['a', 'b']);
    expect(await probe.rows('SELECT createdAt FROM storages ORDER BY id')).toEqual([
      { createdAt: 3 },
      { createdAt: 3 },
    ]);
  });

  it('of one statement is committed by itself, whatever the server does by default, and loses deadlocks as others do', async () => {
    await probe.run('SET GLOBAL autocommit = 0');
    try {
      const other = closed(await openDatabase(settingsOf(url)));
      await other.units.run((unit) => addStorage(unit, 'a'));
      expect(await other.units.change("UPDATE storages SET kind = 's3' WHERE id = ?", ['a'])).toBe(1);
      expect(await other.units.change("UPDATE storages SET kind = 's3' WHERE id = ?", ['b'])).toBe(0);
    } finally {
      await probe.run('SET GLOBAL autocommit = 1');
    }
    expect(await probe.rows("SELECT id FROM storages WHERE kind = 's3'")).toEqual([{ id: 'a' }]);
    await probe.run(
      "CREATE TRIGGER lose BEFORE UPDATE ON storages FOR EACH ROW SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'planted'",
    );
    const lost = database.units.change("UPDATE storages SET kind = 'local'", []);
    await expect(lost).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });

  it('gives up after five lost runs', async () => {
    await probe.run(
      "CREATE TRIGGER lose BEFORE INSERT ON storages FOR EACH ROW SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'planted'",
    );
    let runs = 0;
    const unit = database.units.run((inner) => {
      runs++;
      return addStorage(inner, 'x');
    });
    await expect(unit).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect(runs).toBe(5);
    expect(await storages()).toEqual([]);
  });

  it('is refused while the server is away, and served within 5 s of its return', async () => {
    const inside = gate();
    const killed = gate();
    const victim = database.units.run(async (unit) => {
      await addStorage(unit, 'half');
      inside.open();
      await killed.opened;
      await addStorage(unit, 'other half');
    });
    await inside.opened;
    await server.kill();
    killed.open();
    await expect(victim).rejects.toBeInstanceOf(DatabaseUnavailableError);
    for (let index = 0; index < 25; index++) await expect(add('x')).rejects.toBeInstanceOf(DatabaseUnavailableError);
    const read = database.reader.query('SELECT 1').catch(translateDatabaseError);
    expect(await read).toBeInstanceOf(DatabaseUnavailableError);

    await server.restart();
    const back = performance.now();
    await Promise.all(Array.from({ length: 40 }, (_, index) => add(`again-${index}`)));
    expect(await database.reader.query('SELECT COUNT(*) AS n FROM storages')).toEqual([{ n: 40 }]);
    expect(performance.now() - back).toBeLessThan(20_000);
    probe = closed(await openProbe(settingsOf(url)));
    expect(await storages()).not.toContain('half');
  });

  it('does not keep a connection on which a statement took too long', async () => {
    const impatient = { enableQueryTimeout: true, maxQueryExecutionTime: 200, poolSize: 1, logger: 'debug' };
    const options = { ...dataSourceOptions(settingsOf(url)), ...impatient } as DataSourceOptions;
    const pool = await new DataSource(options).initialize();
    closed({ close: () => pool.destroy() });
    const slow = await pool.query('SELECT SLEEP(20)').catch(translateDatabaseError);
    expect(slow).toBeInstanceOf(DatabaseUnavailableError);
    const start = performance.now();
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
