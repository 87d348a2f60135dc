// One server and two of the same drive, on one database and one bucket: what a small request costs them and their database.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { row } from '../support/bench.mjs';
import { startCeph } from '../support/ceph.mjs';
import { Drive } from '../support/drive.mjs';
import { fillProcessors } from '../support/filler.mjs';
import { startMariaDb } from '../support/mariadb.mjs';
import { processorTimeOf } from '../support/process.mjs';
import { Remote } from '../support/remote.mjs';

const ENGINES = /** @type {import('../support/engines.mjs').Engine[]} */ (['ceph', 'mariadb']);
const CHEAP = { needs: ENGINES, better: /** @type {const} */ ('lower') };
/** One for each server, two for the database, one for the load. */
const PROCESSORS = 5;
const FAST = { needs: ENGINES, processors: PROCESSORS };
const CLIENTS = 16;
/**
 * `warm`: so many requests have each server's code compiled first, since with two each gets half of the load. One person may
 * have 20,000 links, so there are fewer of these.
 */
const KINDS = [
  { title: 'list of 50', make: listing, warm: 12_000, count: 4_000 },
  { title: 'link made', make: linking, warm: 4_000, count: 900 },
].map((kind) => ({
  ...kind,
  servers: row(`servers: ${kind.title}, processor time of two : of one`, 1.1, CHEAP),
  database: row(`servers: ${kind.title}, processor time of MariaDB, two : one`, 1.1, CHEAP),
  speed: row(`servers: ${kind.title}, two, each on its processor : one`, 1.6, FAST),
}));

export const rows = KINDS.flatMap(({ servers, database, speed }) => [servers, database, speed]);

export async function run(bench) {
  const ceph = await startCeph(bench.directory);
  const mariadb = await startMariaDb(bench.directory);
  const store = new Remote(new URL('../floors/s3.mjs', import.meta.url));
  await store.call('open', { endpoint: ceph.endpoint, keys: ceph.keys }, 'servers');
  const drive = await Drive.start(bench, 'servers', {
    databaseUrl: await mariadb.createDatabase('servers'),
    storageUrl: ceph.url('servers'),
    settings: { RECEIPT_KEY: Buffer.alloc(32, 'bench').toString('base64') },
  });
  const second = await drive.startAnother(bench, 'servers-2');
  const ids = await drive.seed(1_000, { blobs: false });
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const both = [drive, second];
  pinEach(both);
  for (const kind of KINDS) await measure(bench, kind, { drive, ids, load, both, database: await mariadb.pid });
  load.close();
  store.close();
  await second.stop();
  await drive.stop();
  await mariadb.stop();
  await ceph.stop();
}

/** The same requests by the same number of clients, to one server and to both, in turn. */
async function measure(
  bench,
  { make, warm: first, count, servers, database, speed },
  { drive, ids, load, both, database: pid },
) {
  if (!bench.wants(servers, database, speed)) return;
  const all = Array.from({ length: bench.count(count, CLIENTS) }, (_, n) => make(drive, ids[n % ids.length]));
  const warm = Array.from({ length: bench.count(first, CLIENTS) }, (_, n) => make(drive, ids[n % ids.length]));
  for (const one of both) await spend({ load, which: [one], all: warm, pid });
  // One server leaves more of the machine idle than two.
  const free = await fillProcessors(bench);
  const side = (which) => () => spend({ load, which, all, pid });
  const [two, one] = [side(both), side([drive])];
  // What is measured together: processor time of the servers and of the database, for each request, and requests a second.
  const ratios = { servers: nothing(), database: nothing(), speed: nothing() };
  for (let round = 0; round <= bench.form.rounds; round += 1) {
    const spent = new Map();
    for (const measured of round % 2 === 0 ? [two, one] : [one, two]) spent.set(measured, await measured());
    if (round === 0) continue;
    for (const [name, values] of Object.entries(ratios)) values.push(spent.get(two)[name] / spent.get(one)[name]);
  }
  await free();
  if (bench.wants(servers)) bench.record(servers, ratios.servers);
  if (bench.wants(database)) bench.record(database, ratios.database);
  if (bench.wants(speed)) bench.record(speed, ratios.speed);
}

async function spend({ load, which, all, pid }) {
  const share = Math.ceil(all.length / which.length);
  const clients = CLIENTS / which.length;
  const before = { servers: timeOf(which), database: processorTimeOf(pid) };
  const sent = await Promise.all(
    which.map(({ url }, n) =>
      load.call('send', { url, clients, requests: all.slice(n * share, (n + 1) * share), status: 200 }),
    ),
  );
  return {
    servers: timeOf(which) - before.servers,
    database: processorTimeOf(pid) - before.database,
    speed: sent.reduce((sum, { perSecond }) => sum + perSecond, 0),
  };
}

function timeOf(servers) {
  return servers.reduce((sum, { pid }) => sum + processorTimeOf(pid), 0);
}

/** The first processors are the servers'; all else has the others, as far as the system puts it there. */
function pinEach(servers) {
  if (cpus().length < PROCESSORS) return;
  for (const [n, { pid }] of servers.entries()) execFileSync('taskset', ['-a', '-c', '-p', String(n), String(pid)]);
}

function listing({ authorization: headers }) {
  return { method: 'GET', path: '/api/files', headers };
}

function linking({ authorization }, id) {
  const head = JSON.stringify({ name: 'bench', public: true });
  const headers = { ...authorization, 'content-type': 'application/json' };
  return { method: 'POST', path: `/api/files/${id}/accesses`, headers, body: { head, size: 0, tail: '' } };
}

/** @returns {number[]} */
function nothing() {
  return [];
}
