// What a very big upload and its download cost the server's memory. Linux only: the kernel counts.
import { writeFileSync } from 'node:fs';
import { row } from '../support/bench.mjs';
import { Drive, upload } from '../support/drive.mjs';
import { memoryOf } from '../support/process.mjs';
import { Remote } from '../support/remote.mjs';

const MEMORY = row('memory for 10 GiB up and down, MiB above the warm level', 32, { better: 'lower', full: true });
const IN_PARTS = row('memory for 4 GiB in parts of 32 MiB, MiB above the warm level', 32, {
  better: 'lower',
  full: true,
});
const MIB = 1024 * 1024;
const WARM = { count: 8, size: 64 * MIB };
const BIG = 10 * 1024 * MIB;
const BIG_IN_PARTS = 4 * 1024 * MIB;

export const rows = [MEMORY, IN_PARTS];

export async function run(bench) {
  const drive = await Drive.start(bench, 'memory');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  for (let time = 0; time < WARM.count; time += 1) {
    await transfer(drive, load, `warm-${time}`, WARM.size);
    await sendParts(drive, load, `warm-parts-${time}`, WARM.size);
  }
  const warm = peak(drive);
  const measure = async (one, work) => {
    if (!bench.wants(one)) return;
    // From here on the kernel counts the peak anew.
    writeFileSync(`/proc/${drive.pid}/clear_refs`, '5');
    await work();
    bench.record(one, [peak(drive) - warm]);
  };
  await measure(IN_PARTS, () => sendParts(drive, load, 'big-parts', BIG_IN_PARTS));
  await measure(MEMORY, () => transfer(drive, load, 'big', BIG));
  await Promise.all([drive.stop(), load.close()]);
}

/** The most memory that the server has had since the count began, in MiB. */
function peak({ pid }) {
  return memoryOf(pid, 'VmHWM');
}

async function sendParts({ url, authorization: headers }, load, name, size) {
  await load.call('sendParts', { url, path: '/api/uploads', headers, name, size, part: 32 * MIB });
}

/** Uploads so many bytes, downloads them, and compares all hashes. */
async function transfer(drive, load, name, size) {
  const { url, authorization: headers } = drive;
  await load.call('send', { url, clients: 1, requests: [upload(drive, name, size)], status: 200 });
  const { files } = await drive.get(`/api/files?q=${name}`);
  const sent = await load.call('hashOfFilling', size);
  const got = await load.call('hashOf', { url, path: `/api/files/${files[0].id}/content`, headers });
  if (sent !== got || sent !== files[0].sha256) throw new Error('The bytes are not the same');
}
