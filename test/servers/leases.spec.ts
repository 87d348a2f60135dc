import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AppConfig } from '@app/config';
import { DataDirectoryLease } from '@app/data-directory';
import { type Database, openDatabase } from '@app/database';
import { DriveServedError, openServers, type Servers } from '@app/leases';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';
import { openProbe, type Probe } from '../support/probe.js';
import { until } from '../support/until.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const BUCKET = 's3://key:secret@127.0.0.1:1/bucket?tls=off';
const SECRETS = {
  JWT_SECRET: randomBytes(48).toString('hex'),
  RECEIPT_KEY: Buffer.alloc(32, 7).toString('base64'),
};

describeWith('mariadb', 'leases', () => {
  let server: MariaDb;
  let url: string;
  let database: Database;
  let probe: Probe;
  let directory: string;
  const joined: Servers[] = [];
  beforeAll(async () => {
    server = await MariaDb.start();
    directory = temporaryDirectory();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    database = await openDatabase({ dataDir: directory, databaseUrl: url });
    probe = await openProbe({ dataDir: directory, databaseUrl: url });
  });
  afterEach(async () => {
    for (const servers of joined.splice(0)) await servers.leave();
    await probe.close();
    await database.close();
  });

  /** @param place the name of the data directory */
  function at(place: string, settings: NodeJS.ProcessEnv = {}): Servers {
    const dataDir = join(directory, place);
    const config = new AppConfig({ DATA_DIR: dataDir, DATABASE_URL: url, SERVER_LEASE: '1s', ...settings });
    const servers = openServers(config, new DataDirectoryLease(dataDir), database.reader, database.units);
    joined.push(servers);
    return servers;
  }
  const shared = (place: string, settings: NodeJS.ProcessEnv = {}) =>
    at(place, { STORAGE_URL: BUCKET, ...SECRETS, ...settings });
  /** Leaves a lease as a process does that was killed. */
  const died = async (place: string, kind: 'local' | 's3') => {
    await (kind === 's3' ? shared(place) : at(place)).join();
    const ghost = joined.pop()!;
    const rows = await probe.rows('SELECT * FROM servers');
    await ghost.leave();
    const columns = Object.keys(rows[0]!);
    const marks = columns.map(() => '?').join(', ');
    const values = Object.values(rows[0]!) as (string | number)[];
    await probe.run(`INSERT INTO servers (${columns.join(', ')}) VALUES (${marks})`, values);
  };

  it('are had side by side where the bytes are in a bucket, and seen by all', async () => {
    const [one, other] = [shared('a'), shared('b')];
    await one.join();
    await other.join();
    expect([one.isValid, other.isValid, one.own === other.own]).toEqual([true, true, false]);
    expect((await one.list()).map(({ id, isAlive }) => ({ id, isAlive }))).toEqual(
      [one, other].map(({ own }) => ({ id: own, isAlive: true })),
    );
    await other.leave();
    expect((await one.list()).map(({ id }) => id)).toEqual([one.own]);
  });

  it('are one on a disk: a second server is refused in a sentence', async () => {
    await at('a').join();
    await expect(at('copy').join()).rejects.toThrow(/Another server is at work on this database .*\/a\): one server/);
    await expect(shared('s3').join()).rejects.toThrow(DriveServedError);
  });

  it('of a dead server on a disk are waited for, unless they are its own', async () => {
    await died('a', 'local');
    await at('a').join();
    await joined.pop()!.leave();
    await died('a', 'local');
    const began = performance.now();
    await at('copy').join();
    expect(performance.now() - began).toBeGreaterThan(400);
  });

  it('of servers that were given other secrets are refused', async () => {
    await shared('a').join();
    const other = shared('b', { RECEIPT_KEY: Buffer.alloc(32, 8).toString('base64') });
    await expect(other.join()).rejects.toThrow(/JWT_SECRET and RECEIPT_KEY are not the same/);
    expect(await probe.rows('SELECT id FROM servers')).toHaveLength(1);
  });

  it('for a command alone wait for the end of a dead server, and are refused while one lives', async () => {
    await died('a', 's3');
    const command = shared('command');
    await command.joinAlone();
    await command.leave();
    await shared('b').join();
    await expect(command.joinAlone()).rejects.toThrow(/stop all servers first/);
  });

  it('are not trusted any more, well before they are over, while they cannot be renewed', async () => {
    const servers = shared('a');
    await servers.join();
    const lift = await probe.plantFault('UPDATE', 'servers');
    await until(() => !servers.isValid);
    expect((await servers.list())[0]).toMatchObject({ isAlive: true });
    await until(async () => !(await servers.list())[0]!.isAlive);
    await lift();
    await until(() => servers.isValid);
  });

  it('come back where somebody has forgotten them', async () => {
    const servers = shared('a');
    await servers.join();
    await probe.run('DELETE FROM servers');
    await until(async () => (await servers.list()).length === 1);
    expect((await servers.list())[0]).toMatchObject({ id: servers.own, isAlive: true });
  });
});
