// Measures the drive against floors and peers, side by side in the same run.
// Usage: npm run bench [-- --quick] [-- --rounds <number>] [-- --only <part of a row's name>] [-- --against <checkout of
// another build>]
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, FORMS } from './support/bench.mjs';
import { packageVersions, requireBuild } from './support/built.mjs';
import { engineVersions, missingPackages } from './support/engines.mjs';
import { heading, line } from './support/table.mjs';

// Uploads before deletes: for minutes after many deletes, ext4 searches long for an inode that was not freed just now.
const GROUPS = [
  'upload',
  'resumable',
  'tusd',
  'versitygw',
  'delete',
  'list',
  'search',
  'accesses',
  'download',
  'accounts',
  'crowds',
  'page',
  'start',
  'rest',
  'commands',
  'memory',
  's3',
  'servers',
];
const RESULTS = new URL('results/', import.meta.url);
const TMPFS = 0x01021994;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    against: { type: 'string' },
  },
});
const form = { ...(options.quick ? FORMS.quick : FORMS.full) };
if (options.rounds !== undefined) form.rounds = Number(options.rounds);
if (!(form.rounds >= 1)) throw new Error('--rounds must be a number of at least 1');
const whole = options.only === '';
const groups = options.against === undefined ? GROUPS : ['against'];
const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'defdrive-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

requireBuild();
if (statfsSync(directory).type === TMPFS) {
  console.log(`${directory} is in memory, where a sync costs nothing: set BENCH_DIR to a directory on a disk`);
}
const [load = 0] = loadavg();
if (load > cpus().length / 4)
  console.log(`The machine is busy already (load ${load.toFixed(1)}): the ratios will say little`);
const modules = await Promise.all(groups.map((name) => import(`./rows/${name}.mjs`)));
const skipped = new Map(modules.flatMap(({ rows }) => rows.map((one) => [one, reasonToSkip(one)])));
const bench = new Bench(whole ? form : { ...form, curves: false }, directory, (one) => !skipped.get(one), print);

console.log(`${form.name} form: median of ${form.rounds} rounds, ± half of their range\n${heading()}`);
for (const { rows, run } of modules) {
  if (bench.wants(...rows)) await run(bench, options.against);
}
const lacking = [...skipped].filter(([, reason]) => reason?.startsWith('needs'));
for (const [{ name }, reason] of lacking) console.log(`skipped: ${name} ${reason}`);
if (whole) await save();
const incomplete = lacking.length > 0 && process.env.REQUIRE_ENGINES === '1';
if (incomplete) console.error('Not everything was measured, and REQUIRE_ENGINES=1 wants it so');
process.exit(incomplete ? 1 : 0);

/** None for a row that is to be measured. */
function reasonToSkip({ name, needs, full, processors }) {
  if (!name.toLowerCase().includes(options.only.toLowerCase())) return 'is not asked for';
  if (full && options.quick) return 'is measured in the full form only';
  if (cpus().length < processors) return `is measured where there are ${processors} processors`;
  const packages = missingPackages(needs);
  return packages.length > 0 ? `needs ${packages.join(' and ')}` : undefined;
}

function print(result) {
  console.log(line(result));
}

/** Only a full run is worth keeping, and what it was measured against has to be there for everybody. */
async function save() {
  if (form.name !== FORMS.full.name || options.against !== undefined) return;
  const versions = { ...(await packageVersions()), ...engineVersions() };
  const processor = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
  const [major] = process.versions.node.split('.');
  const { rounds } = form;
  writeJson(`node-${major}`, { date: new Date().toISOString(), versions, processor, rounds, rows: bench.results });
  writeJson('curves', bench.curves);
}

function writeJson(name, value) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(value, null, 2)}\n`);
}
