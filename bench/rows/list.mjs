// Pages of a list: how they grow with the number of files, and against a bare server. For the plots searches and deletes, too.
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { Drive, JWT_SECRET, removal } from '../support/drive.mjs';
import { startMariaDb } from '../support/mariadb.mjs';
import { Remote } from '../support/remote.mjs';
import { wrk } from '../support/wrk.mjs';

const NEEDS = { sqlite: ['wrk'], mariadb: ['wrk', 'mariadb'] };
const ROWS = {
  sqlite: {
    growth: row('list of 50, SQLite, 1e6 files : 1e3 files', 0.9, { needs: NEEDS.sqlite }),
    deep: row('list of 50, SQLite, a page in the middle : the first', 0.9, { needs: NEEDS.sqlite }),
  },
  mariadb: {
    growth: row('list of 50, MariaDB, 1e6 files : 1e3 files', 0.75, { needs: NEEDS.mariadb }),
    deep: row('list of 50, MariaDB, a page in the middle : the first', 0.9, { needs: NEEDS.mariadb }),
  },
};
const FLOOR = row('list of 50, SQLite : bare Fastify', 0.75, { needs: NEEDS.sqlite });
const PATH = '/api/files?limit=50';
/** Finds nothing, and so looks at every name. */
const SEARCH = '/api/files?q=nowhere';
/** Of one measurement. */
const [SEARCHES, DELETES] = [5, 100];

export const rows = [...Object.values(ROWS.sqlite), FLOOR, ...Object.values(ROWS.mariadb)];

export async function run(bench) {
  if (bench.wants(ROWS.sqlite.growth, ROWS.sqlite.deep, FLOOR)) await onSqlite(bench);
  if (bench.wants(ROWS.mariadb.growth, ROWS.mariadb.deep)) await onMariaDb(bench);
}

async function onSqlite(bench) {
  const drives = await open(bench, 'sqlite', async () => undefined);
  await measure(bench, 'sqlite', drives);
  if (bench.wants(FLOOR)) await againstFloor(bench, drives[0]);
  for (const drive of drives) await drive.stop();
}

async function onMariaDb(bench) {
  const server = await startMariaDb(bench.directory);
  const drives = await open(bench, 'mariadb', (name) => server.createDatabase(name));
  await measure(bench, 'mariadb', drives);
  for (const drive of drives) await drive.stop();
  await server.stop();
}

/** One drive for each number of files. */
async function open(bench, engine, createDatabase) {
  const drives = [];
  for (const count of bench.form.files) {
    const name = `list_${engine}_${count}`;
    const drive = await Drive.start(bench, name, { databaseUrl: await createDatabase(name) });
    await drive.seed(count, { blobs: false });
    drives.push(drive);
  }
  return drives;
}

async function measure(bench, engine, drives) {
  const { growth, deep } = ROWS[engine];
  const [smallest, largest] = [drives[0], drives.at(-1)];
  await bench.compare(growth, requests(bench, largest, PATH), requests(bench, smallest, PATH));
  if (bench.wants(deep)) {
    const path = `${PATH}&cursor=${await middle(largest, bench.form.files.at(-1))}`;
    await bench.compare(deep, requests(bench, largest, path), requests(bench, largest, PATH));
  }
  await plots(bench, engine, drives);
}

/** How long one client waits, by the number of files; in the full form only. */
async function plots(bench, engine, drives) {
  const { files, seconds, curves } = bench.form;
  if (!curves) return;
  await bench.latencies(`list-${engine}`, files, async (index) => {
    const { url, token } = drives[index];
    return (await wrk(url + PATH, { clients: 1, seconds, token })).p50;
  });
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  // Of a million names one may take longer than the time that wrk has.
  await bench.latencies(`search-${engine}`, files, async (index) => {
    const { url, authorization: headers } = drives[index];
    const requests = Array.from({ length: SEARCHES }, () => ({ method: 'GET', path: SEARCH, headers }));
    return (await load.call('send', { url, clients: 1, requests, status: 200 })).p50;
  });
  await bench.latencies(`delete-${engine}`, files, async (index) => {
    const drive = drives[index];
    const ids = await drive.seed(DELETES);
    const requests = ids.map((id) => removal(drive, id));
    return (await load.call('send', { url: drive.url, clients: 1, requests, status: 200 })).p50;
  });
  load.close();
}

async function againstFloor(bench, drive) {
  const floor = new Remote(new URL('../floors/fastify.mjs', import.meta.url));
  const file = join(drive.dataDir, 'defdrive.sqlite');
  const url = await floor.call('open', { file, secret: JWT_SECRET });
  const bare = { url, token: drive.token };
  await bench.compare(FLOOR, requests(bench, drive, PATH), requests(bench, bare, PATH));
  floor.close();
}

function requests(bench, { url, token }, path) {
  return async () => (await wrk(url + path, { clients: 16, seconds: bench.form.seconds, token })).perSecond;
}

/** The cursor of a page in the middle, by walking there. */
async function middle(drive, count) {
  let cursor;
  for (let seen = 0; seen < count / 2; seen += 200) {
    const page = await drive.get(`/api/files?limit=200${cursor ? `&cursor=${cursor}` : ''}`);
    cursor = page.nextCursor;
  }
  return cursor;
}
