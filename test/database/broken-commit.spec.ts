import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CommitOutcomeUnknownError,
  type Database,
  DatabaseUnavailableError,
  openDatabase,
  type Unit,
} from '@app/database';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { closing } from '../support/columns.js';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';
import { openProbe, type Probe } from '../support/probe.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { addStorage } from './rows.js';

const settingsOf = (databaseUrl: string) => ({ dataDir: '/nonexistent', databaseUrl });
/** The statement as it is sent: COM_QUERY, then its text. */
const COMMIT = '\u0003COMMIT';

const isThere = async (unit: Unit, id: string) =>
  (await unit.rows(`SELECT id FROM storages WHERE id = ?${unit.forUpdate}`, [id])).length === 1;

describeWith('mariadb', 'when the connection breaks during COMMIT, a unit', () => {
  const closed = closing();
  let server: MariaDb;
  let url: string;
  let probe: Probe;
  let proxy: TcpProxy;
  let through: Database;

  beforeAll(async () => {
    server = await MariaDb.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    proxy = closed(await TcpProxy.start(server.port));
    through = closed(await openDatabase(settingsOf(url.replace(`:${server.port}/`, `:${proxy.port}/`))));
    probe = closed(await openProbe(settingsOf(url)));
  });

  const storages = async () =>
    (await probe.rows<{ id: string }>('SELECT id FROM storages ORDER BY id')).map((row) => row.id);

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
    await expect(through.units.run((unit) => addStorage(unit, 'a'))).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
    await expect.poll(storages).toEqual(['a']);
  });

  it.each([
    ['before', []],
    ['after', ['a']],
  ] as const)('of one statement says so, too: the connection breaks %s it', async (cut, left) => {
    const sql = "INSERT INTO storages (id, kind, createdAt) VALUES ('a', 'local', 1)";
    proxy.cutAt(`\u0003${sql.slice(0, 20)}`, cut);
    await expect(through.units.change(sql, [])).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
    await expect.poll(storages).toEqual(left);
  });

  it('of one statement that was not sent was not done', async () => {
    const line = await TcpProxy.start(server.port);
    const cutOff = closed(await openDatabase(settingsOf(url.replace(`:${server.port}/`, `:${line.port}/`))));
    await line.close();
    const ask = () => cutOff.units.change('DELETE FROM storages', []).catch((error: Error) => error.name);
    // Until the connections of the pool are known to be broken, a statement is sent into them.
    await expect.poll(ask).toBe('DatabaseUnavailableError');
  });

  it('waits for a server that comes back, and asks it', async () => {
    await server.kill();
    const unit = through.units.run(
      (inner) => addStorage(inner, 'a'),
      () => Promise.resolve(true),
    );
    await expect(unit, 'nothing was sent').rejects.toBeInstanceOf(DatabaseUnavailableError);
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
