// Keeps a drive busy with everything at once for a long time, and looks whether it then holds what it held before: writes
// results/soak.json. Usage: npm run bench:soak [-- --minutes 30] [-- --quick] [-- --mariadb] (then bench:report for the page)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { figuresOf, isAtRest } from './soak/figures.mjs';
import { Probe } from './soak/probe.mjs';
import { Reads } from './soak/reads.mjs';
import { ADMIN, packageVersions, requireBuild } from './support/built.mjs';
import { Drive, upload } from './support/drive.mjs';
import { missingPackages } from './support/engines.mjs';
import { startMariaDb } from './support/mariadb.mjs';
import { Remote } from './support/remote.mjs';

/** Seconds: of the load that warms up, of the load, between samples; and how long it may take until all is settled. */
const FORMS = {
  full: (minutes) => ({ warm: Math.min(120, minutes * 15), load: minutes * 60, sample: 5 }),
  quick: () => ({ warm: 2, load: 4, sample: 0.5 }),
};
const SETTLED_MS = 60_000;
const KEPT = { count: 200, size: 1024 };

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    quick: { type: 'boolean', default: false },
    mariadb: { type: 'boolean', default: false },
  },
});
const minutes = options.quick ? FORMS.quick().load / 60 : Number(options.minutes);
if (!(minutes > 0)) throw new Error('--minutes must be a number');
const form = options.quick ? FORMS.quick() : FORMS.full(minutes);

requireBuild();
for (const name of missingPackages(options.mariadb ? ['wrk', 'mariadb'] : ['wrk']))
  throw new Error(`The soak needs ${name}`);
const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'defdrive-soak-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

const server = options.mariadb ? await startMariaDb(directory) : undefined;
const databaseUrl = await server?.createDatabase('soak');
const drive = await Drive.start({ directory }, 'soak', { databaseUrl, settings: { METRICS: '127.0.0.1' } });
const probe = new Probe(drive);
const ids = await keepFiles();
const reads = await Reads.prepare(drive, ids);

await load(form.warm);
const begin = await rest();
const { samples, done } = await load(form.load);
const end = await rest(begin.descriptors);
const left = await probe.left(KEPT.count);
await drive.stop();
checkStorage();
await server?.stop();

const figures = figuresOf({ begin, end, samples, minutes });
tell();
for (const row of left) console.log(`left: ${JSON.stringify(row)}`);
if (!options.quick && !options.mariadb) await save();
process.exit(figures.every(({ holds }) => holds) ? 0 : 1);

/** Files that stay: what is listed, searched and archived. @returns their ids */
async function keepFiles() {
  const sender = new Remote(new URL('support/load.mjs', import.meta.url));
  const requests = Array.from({ length: KEPT.count }, (_, number) => upload(drive, `kept-${number}.txt`, KEPT.size));
  await sender.call('send', { url: drive.url, clients: 4, requests, status: 200 });
  sender.close();
  const { files } = await drive.get(`/api/files?limit=${KEPT.count}`);
  return files.map(({ id }) => id);
}

/** Every kind of work at once for so many seconds, by a process of its own: its connections go with it. */
async function load(seconds) {
  const worker = new Remote(new URL('soak/load.mjs', import.meta.url));
  const { url, token, stranger } = drive;
  const archive = `/api/files/archive?ids=${ids.slice(0, 50).join(',')}`;
  const ended = new AbortController();
  const work = worker.call('run', { url, token, stranger, archive }).finally(() => ended.abort());
  const reading = reads.until(ended.signal);
  const samples = [];
  probe.begin();
  for (const until = performance.now() + seconds * 1000; performance.now() < until && !ended.signal.aborted;) {
    await Promise.race([delay(form.sample * 1000), work]);
    samples.push(await probe.sample());
  }
  await worker.call('stop');
  const done = await work;
  worker.close();
  return { samples, done: { ...done, ...(await reading) } };
}

/**
 * Waits until the drive has settled what the load has left to it.
 * @param {number} descriptors until it has no more of them; some are of threads that end when nobody has asked them for a while
 * @returns what it then holds
 */
async function rest(descriptors = Infinity) {
  for (const deadline = Date.now() + SETTLED_MS; ; await delay(50)) {
    const sample = await probe.sample();
    const settled = isAtRest(sample) && sample.descriptors <= descriptors;
    if (settled || Date.now() > deadline) return sample;
  }
}

/** Records against bytes, every byte read. */
function checkStorage() {
  const args = [ADMIN, 'storage', 'check', '--deep'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: drive.environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The check of the storage finds something:\n${stdout}${stderr}`);
  console.log(stdout.trim().split('\n').at(-1));
}

function tell() {
  for (const [what, count] of Object.entries(done)) console.log(`${String(count).padStart(9)} ${what}`);
  const layOut = (cells) => cells.map((cell, index) => String(cell).padEnd(index === 0 ? 36 : 12)).join('');
  console.log(layOut(['', 'begin', 'highest', 'end', 'may end at', 'holds']));
  for (const { name, begin, highest, end, most, judged, holds } of figures) {
    console.log(layOut([name, begin, highest, end, most, judged ? (holds ? 'yes' : 'no') : 'too short to tell']));
  }
}

async function save() {
  const versions = await packageVersions();
  const result = { date: new Date().toISOString(), minutes, versions, done, figures, samples: samples.map(plotted) };
  writeFileSync(new URL('results/soak.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
}

/** What the page draws. */
function plotted({ seconds, memory, heap, wal, descriptors, temporary, removals }) {
  const fields = Object.entries({ seconds, memory, heap, wal, descriptors, temporary, removals });
  return Object.fromEntries(fields.map(([name, value]) => [name, Math.round(value * 10) / 10]));
}
