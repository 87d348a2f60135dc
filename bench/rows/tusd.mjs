// Resumable uploads against tusd, the server in Go that tus's own people make; it neither hashes nor syncs.
import { row } from '../support/bench.mjs';
import { Drive } from '../support/drive.mjs';
import { clear } from '../support/files.mjs';
import { startTusd } from '../support/go.mjs';
import { Remote } from '../support/remote.mjs';
import { syncDisk } from '../support/seed.mjs';

// In the full form only: its modules are fetched where Go has not kept them.
const NEEDS = { needs: ['go'], full: true };
const KIB = 1024;
const MIB = 1024 * KIB;
const ROWS = {
  large: { ...row('upload 1 GiB in parts of 32 MiB : tusd', 0.3, NEEDS), size: 1024 * MIB, count: 1 },
  small: { ...row('resumable upload of 1 KiB, 1 client : tusd', 0.1, NEEDS), size: KIB, count: 300 },
};

export const rows = Object.values(ROWS);

export async function run(bench) {
  const peer = await startTusd(bench.directory);
  if (!peer) return;
  const drive = await Drive.start(bench, 'against-tusd');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const ours = { url: drive.url, path: '/api/uploads', headers: drive.authorization, clear: () => clear(drive, load) };
  const theirs = { url: peer.url, path: '/files/', headers: {}, clear: () => peer.clear() };
  for (const one of rows) {
    const side = (of) => () => uploadsPerSecond(bench, load, of, one);
    await bench.compare(one, side(ours), side(theirs));
  }
  load.close();
  await Promise.all([drive.stop(), peer.stop()]);
}

let names = 0;

/** One after the other; then they go. */
async function uploadsPerSecond(bench, load, { clear, ...server }, { size, count }) {
  const began = performance.now();
  for (let sent = 0; sent < count; sent += 1) {
    await load.call('sendParts', { ...server, name: `tus-${(names += 1)}.bin`, size, part: 32 * MIB });
  }
  const perSecond = (count * 1000) / (performance.now() - began);
  await clear();
  syncDisk(bench.directory);
  return perSecond;
}
