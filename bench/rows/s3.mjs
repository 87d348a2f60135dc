// The drive on S3 against the store's own client, which keeps no record of anything; what its uploads hold; what its cache gains.
import { writeFileSync } from 'node:fs';
import { row } from '../support/bench.mjs';
import { startCeph } from '../support/ceph.mjs';
import { Drive, upload } from '../support/drive.mjs';
import { clear } from '../support/files.mjs';
import { memoryOf } from '../support/process.mjs';
import { Remote } from '../support/remote.mjs';
import { wrk } from '../support/wrk.mjs';

const NEEDS = { needs: ['ceph', 'wrk'], full: true };
const ROWS = {
  up: row('s3: upload 1 GiB : the client in parts, with SHA-256', 0.85, NEEDS),
  down: row('s3: download 1 GiB : the client piped', 0.85, NEEDS),
  memory: row('s3: 16 uploads of 256 MiB at once, MiB above the warm level', 64, { ...NEEDS, better: 'lower' }),
  cached: row('s3: hot download of 10 KiB, 16 clients : without the cache', 20, NEEDS),
  far: row('s3: hot download of 10 KiB, 1 client, a store 10 ms away : without the cache', 20, NEEDS),
};
const KIB = 1024;
const MIB = 1024 * KIB;
/** Milliseconds of the way to a store that is not on the same machine, and as many back. */
const AWAY_MS = 5;
const BUCKETS = { cached: 'drive', plain: 'uncached', far: 'far', floor: 'floor' };

export const rows = Object.values(ROWS);

export async function run(bench) {
  const ceph = await startCeph(bench.directory);
  const floor = new Remote(new URL('../floors/s3.mjs', import.meta.url));
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  await floor.call('open', { endpoint: ceph.endpoint, keys: ceph.keys }, BUCKETS.floor);
  for (const name of [BUCKETS.cached, BUCKETS.plain, BUCKETS.far]) await floor.call('makeBucket', name);
  const drive = await Drive.start(bench, 's3', { storageUrl: ceph.url(BUCKETS.cached) });
  const peer = await floor.call('serve');
  if (bench.wants(ROWS.memory)) await memory(bench, drive, load);
  if (bench.wants(ROWS.up)) await up(bench, drive, { load, peer });
  if (bench.wants(ROWS.down)) await down(bench, drive, { load, peer });
  if (bench.wants(ROWS.cached, ROWS.far)) await cached(bench, drive, { load, ceph });
  await drive.stop();
  floor.close();
  load.close();
  await ceph.stop();
}

let names = 0;

async function send(drive, load, size, clients = 1, count = 1) {
  const requests = Array.from({ length: count }, () => upload(drive, `s3-${(names += 1)}.bin`, size));
  return (await load.call('send', { url: drive.url, clients, requests, status: 200 })).perSecond;
}

const put = (load, url, method, size) =>
  load.call('send', {
    url,
    clients: 1,
    requests: [{ method, path: '/big', body: { head: '', size, tail: '' } }],
    status: 200,
  });

async function up(bench, drive, { load, peer }) {
  const size = bench.count(1024) * MIB;
  await bench.compare(
    ROWS.up,
    async () => {
      const perSecond = await send(drive, load, size);
      await clear(drive, load, 4);
      return perSecond;
    },
    async () => {
      const { perSecond } = await put(load, peer, 'PUT', size);
      await put(load, peer, 'DELETE', 0);
      return perSecond;
    },
  );
}

async function down(bench, drive, { load, peer }) {
  const size = bench.count(1024) * MIB;
  await send(drive, load, size);
  await put(load, peer, 'PUT', size);
  const { files } = await drive.get('/api/files');
  const content = `${drive.url}/api/files/${files[0].id}/content`;
  const measure = (url, token) => async () =>
    (await wrk(url, { clients: 1, seconds: 3 * bench.form.seconds, token })).bytesPerSecond;
  await bench.compare(ROWS.down, measure(content, drive.token), measure(`${peer}/big`));
  await put(load, peer, 'DELETE', 0);
  await clear(drive, load, 4);
}

/** Each upload fills a part of 5 MiB, the least that S3 takes: sixteen at once are 80 MiB of it, and four more are on their way. */
async function memory(bench, drive, load) {
  const crowd = () => send(drive, load, 256 * MIB, 16, 16).then(() => clear(drive, load, 4));
  for (let time = 0; time < 4; time += 1) await send(drive, load, 64 * MIB);
  await clear(drive, load, 4);
  const warm = peak(drive);
  writeFileSync(`/proc/${drive.pid}/clear_refs`, '5');
  await crowd();
  bench.record(ROWS.memory, [peak(drive) - warm]);
}

/** The most memory that the server has had since the count began, in MiB. */
function peak({ pid }) {
  return memoryOf(pid, 'VmHWM');
}

/** What is in the cache does not depend on how far the store is: it is the near one in both rows. */
async function cached(bench, drive, { load, ceph }) {
  const line = new Remote(new URL('../support/slow-line.mjs', import.meta.url));
  const far = ceph
    .url(BUCKETS.far)
    .replace(/127\.0\.0\.1:\d+/, new URL(await line.call('open', ceph.port, AWAY_MS)).host);
  await hot(bench, ROWS.cached, { drive, load, storageUrl: ceph.url(BUCKETS.plain), clients: 16 });
  await hot(bench, ROWS.far, { drive, load, storageUrl: far, clients: 1 });
  line.close();
}

async function hot(bench, one, { drive, load, storageUrl, clients }) {
  if (!bench.wants(one)) return;
  const settings = { STORAGE_CACHE: 'off' };
  const plain = await Drive.start(bench, `s3-plain-${clients}`, { storageUrl, settings });
  const sides = [];
  for (const side of [drive, plain]) {
    await send(side, load, 10 * KIB);
    const { files } = await side.get('/api/files');
    const url = `${side.url}/api/files/${files[0].id}/content`;
    sides.push(async () => (await wrk(url, { clients, seconds: bench.form.seconds, token: side.token })).perSecond);
  }
  await bench.compare(one, ...sides);
  await plain.stop();
}
