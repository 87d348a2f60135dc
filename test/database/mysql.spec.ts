import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '@app/config';
import {
  CommitOutcomeUnknownError,
  type Database,
  DatabaseUnavailableError,
  openDatabase,
  translateDatabaseError,
  type Unit,
} from '@app/database';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { mysqlOptions } from '../../libs/database/src/mysql-options.js';
import { versionProblem } from '../../libs/database/src/mysql-server.js';
import { DataSource } from 'typeorm';
import { closing } from '../support/columns.js';
import { describeWith } from '../support/engines.js';
import { gate } from '../support/gate.js';
import { MariaDb } from '../support/mariadb.js';
import { openProbe, type Probe } from '../support/probe.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { addStorage } from './rows.js';

const settingsOf = (databaseUrl: string) => ({ dataDir: '/nonexistent', databaseUrl });
/** The statement as it is sent: COM_QUERY, then its text. */
const COMMIT = '\u0003COMMIT';

const isThere = async (unit: Unit, id: string) =>
  (await unit.rows(`SELECT id FROM storages WHERE id = ?${unit.forUpdate}`, [id])).length === 1;

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
    expect(performance.now() - back).toBeLessThan(5_000);
    probe = closed(await openProbe(settingsOf(url)));
    expect(await storages()).not.toContain('half');
  });

  it('does not keep a connection on which a statement took too long', async () => {
    const pool = await new DataSource({ ...mysqlOptions(url, 200), poolSize: 1 }).initialize();
    closed({ close: () => pool.destroy() });
    const slow = await pool.query('SELECT SLEEP(2)').catch(translateDatabaseError);
    expect(slow).toBeInstanceOf(DatabaseUnavailableError);
    const start = performance.now();
    expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  describe('when the connection breaks during COMMIT', () => {
    let proxy: TcpProxy;
    let through: Database;

    beforeEach(async () => {
      proxy = closed(await TcpProxy.start(server.port));
      through = closed(await openDatabase(settingsOf(url.replace(`:${server.port}/`, `:${proxy.port}/`))));
    });

    it('is done if the server did commit', async () => {
      proxy.cutAt(COMMIT, 'after');
      let runs = 0;
      const unit = through.units.run(
        async (inner) => {
          runs++;
          await addStorage(inner, 'a');
          return 'done';
        },
        (inner, result) => {
          expect(result).toBe('done');
          return isThere(inner, 'a');
        },
      );
      await expect(unit).resolves.toBe('done');
      expect(runs).toBe(1);
      expect(await storages()).toEqual(['a']);
    });

    it('is refused if the server did not', async () => {
      proxy.cutAt(COMMIT, 'before');
      const unit = through.units.run(
        (inner) => addStorage(inner, 'a'),
        (inner) => isThere(inner, 'a'),
      );
      const error = await unit.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DatabaseUnavailableError);
      expect(error).not.toBeInstanceOf(CommitOutcomeUnknownError);
      expect(await storages()).toEqual([]);
    });

    it('says so to a caller that did not say how to find out', async () => {
      proxy.cutAt(COMMIT, 'after');
      await expect(through.units.run((unit) => addStorage(unit, 'a'))).rejects.toBeInstanceOf(
        CommitOutcomeUnknownError,
      );
      await expect.poll(storages).toEqual(['a']);
    });

    it('waits for a server that comes back, and asks it', async () => {
      const killed = server.kill();
      const unit = through.units.run(
        (inner) => addStorage(inner, 'a'),
        () => Promise.resolve(true),
      );
      await expect(unit, 'nothing was sent').rejects.toBeInstanceOf(DatabaseUnavailableError);
      await killed;
      await server.restart();

      const cut = once(proxy, 'cut');
      proxy.cutAt(COMMIT, 'after');
      const waiting = through.units.run(
        (inner) => addStorage(inner, 'b'),
        (inner) => isThere(inner, 'b'),
      );
      await cut;
      probe = closed(await openProbe(settingsOf(url)));
      await expect.poll(storages).toEqual(['b']);
      await server.kill();
      await delay(500);
      await server.restart();
      await expect(waiting).resolves.toBe(1);
    });
  });
});

describeWith('mariadb', 'the start on a MariaDB', () => {
  it.each([
    ['is not strict', ['--sql-mode='], 'is not strict: sql_mode must contain STRICT_TRANS_TABLES'],
    ['has no InnoDB', ['--skip-innodb', '--default-storage-engine=Aria'], 'has no InnoDB'],
    [
      'logs by statement',
      ['--log-bin=binlog', '--server-id=1', '--binlog-format=STATEMENT'],
      'binary log by statement',
    ],
  ])('that %s is refused', async (_, options, problem) => {
    const server = await MariaDb.start(...options);
    try {
      const start = openDatabase(settingsOf(await server.createDatabase()));
      await expect(start).rejects.toThrow(problem);
      await expect(start).rejects.toBeInstanceOf(ConfigError);
    } finally {
      await server.stop();
    }
  });

  it('that does not sync at COMMIT is logged', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const server = await MariaDb.start('--innodb-flush-log-at-trx-commit=2');
    try {
      const database = await openDatabase(settingsOf(await server.createDatabase()));
      await database.close();
      expect(warn.mock.calls.flat().join()).toContain('innodb_flush_log_at_trx_commit is not 1');
    } finally {
      warn.mockRestore();
      await server.stop();
    }
  });

  it('that is not there is refused without naming user or password', async () => {
    const start = openDatabase(settingsOf('mysql://me:secret@127.0.0.1:1/db'));
    await expect(start).rejects.toThrow('DATABASE_URL leads to no database that can be used (ECONNREFUSED)');
    const malformed = openDatabase(settingsOf('mysql://me:secret%@127.0.0.1:1/db'));
    await expect(malformed).rejects.toThrow('DATABASE_URL cannot be read');
  });
});

describe('the version of a server', () => {
  it.each(['10.6.0-MariaDB', '10.11.19-MariaDB-0+deb12u1', '11.4.2-MariaDB-log', '8.0.36', '8.4.0', '9.1.0'])(
    '%s will do',
    (version) => expect(versionProblem(version)).toBeUndefined(),
  );
  it.each([
    ['10.5.28-MariaDB', 'runs MariaDB 10.5: at least 10.6 is needed'],
    ['5.5.68-MariaDB', 'runs MariaDB 5.5: at least 10.6 is needed'],
    ['5.7.44-log', 'runs MySQL 5.7: at least 8.0 is needed'],
  ])('%s will not', (version, problem) => expect(versionProblem(version)).toBe(problem));
});
