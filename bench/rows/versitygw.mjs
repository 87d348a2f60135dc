// Files up and down against versitygw, an S3 server in Go that keeps objects as files of a disk: it neither syncs nor asks a
// database. Its requests are signed, as the drive's carry a token.
import { row } from '../support/bench.mjs';
import { Drive, upload } from '../support/drive.mjs';
import { clear, content } from '../support/files.mjs';
import { startVersitygw } from '../support/go.mjs';
import { Remote } from '../support/remote.mjs';
import { syncDisk } from '../support/seed.mjs';
import { wrk } from '../support/wrk.mjs';

// In the full form only: its modules are fetched where Go has not kept them. The goals are those beside nginx.
const NEEDS = { needs: ['go', 'wrk'], full: true };
const KIB = 1024;
const MIB = 1024 * KIB;
const UP = [
  { ...row('upload 1 KiB, 16 clients : versitygw', 0.35, NEEDS), size: KIB, count: 2000, clients: 16 },
  { ...row('upload 10 MiB : versitygw', 0.5, NEEDS), size: 10 * MIB, count: 60, clients: 1 },
];
const DOWN = [
  { ...row('download 1 KiB, 16 clients : versitygw', 0.35, NEEDS), size: KIB, figure: 'perSecond' },
  { ...row('download 1 MiB, 16 clients : versitygw', 0.8, NEEDS), size: MIB, figure: 'bytesPerSecond' },
];

export const rows = [...UP, ...DOWN];

export async function run(bench) {
  const peer = await startVersitygw(bench.directory);
  if (!peer) return;
  const drive = await Drive.start(bench, 'against-versitygw');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  await up(bench, drive, { load, peer });
  await down(bench, drive, { load, peer });
  load.close();
  await Promise.all([drive.stop(), peer.stop()]);
}

async function up(bench, drive, { load, peer }) {
  const ours = { url: drive.url, request: upload.bind(null, drive), clear: () => clear(drive, load, 8) };
  const theirs = { url: peer.url, request: put.bind(null, peer), clear: () => peer.clear() };
  for (const one of UP.filter((candidate) => bench.wants(candidate))) {
    const side = (of) => () => uploadsPerSecond(bench, load, of, one);
    await bench.compare(one, side(ours), side(theirs));
  }
}

let names = 0;

/** Under names that were never used before; then they go. */
async function uploadsPerSecond(bench, load, { url, request, clear: clearSide }, { size, count, clients }) {
  const requests = Array.from({ length: count }, () => request(`new-${(names += 1)}.bin`, size));
  const { perSecond } = await load.call('send', { url, clients, requests, status: 200 });
  await clearSide();
  syncDisk(bench.directory);
  return perSecond;
}

async function down(bench, drive, { load, peer }) {
  for (const one of DOWN.filter((candidate) => bench.wants(candidate))) {
    const path = await content(drive, load, one.size);
    const requests = [put(peer, 'content', one.size)];
    await load.call('send', { url: peer.url, clients: 1, requests, status: 200 });
    const measure = (url, token) => async () =>
      (await wrk(url, { clients: 16, seconds: bench.form.seconds, token }))[one.figure];
    await bench.compare(one, measure(drive.url + path, drive.token), measure(peer.url + peer.path('GET', 'content')));
  }
}

/** The same bytes, without multipart. @returns {import('../support/load.mjs').Request} */
function put(peer, name, size) {
  return { method: 'PUT', path: peer.path('PUT', name), body: { head: '', size, tail: '' } };
}
