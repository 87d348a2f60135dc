// Shows what the drive's main thread does under loads whose goals are hardest: writes results/profile.json.
// Usage: npm run bench:profile [-- --quick] (then bench:report for the page)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireBuild } from './support/built.mjs';
import { Drive, removal, upload } from './support/drive.mjs';
import { missingPackages } from './support/engines.mjs';
import { GROUPS, sharesOf } from './support/profile.mjs';
import { Remote } from './support/remote.mjs';
import { wrk } from './support/wrk.mjs';

const RESULTS = new URL('results/', import.meta.url);

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const SECONDS = options.quick ? 1 : 6;
/** Of a round that is not measured in seconds. */
const REQUESTS = options.quick ? 200 : 8_000;

requireBuild();
for (const name of missingPackages(['wrk'])) throw new Error(`Profiles need ${name}`);
const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'defdrive-profile-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const load = new Remote(new URL('support/load.mjs', import.meta.url));

/** Loads by name: each prepares what one round of it needs, and gives the function that carries it out. */
const LOADS = {
  'guarded route, 16 clients': async (drive) => gets(drive, '/api/user/limits'),
  'list of 50, 16 clients': async (drive) => {
    await drive.seed(1000, { blobs: false });
    return gets(drive, '/api/files?limit=50');
  },
  'download 1 KiB, 16 clients': async (drive) => {
    const [id] = await drive.seed(1);
    return gets(drive, `/api/files/${id}/content`);
  },
  'upload 1 KiB, 1 client': async (drive) => sends(drive, 1, uploads(drive)),
  'upload 1 KiB, 16 clients': async (drive) => sends(drive, 16, uploads(drive)),
  'DELETE, 1 client': async (drive) => {
    const ids = await drive.seed(REQUESTS, { accesses: 3 });
    return sends(
      drive,
      1,
      ids.map((id) => removal(drive, id)),
    );
  },
  'log-in, 8 clients': async ({ url, logIn }) => {
    return () => load.call('repeat', { url, clients: 8, seconds: SECONDS, request: logIn, status: 200 });
  },
};

const gets = (drive, path) => () => wrk(drive.url + path, { clients: 16, seconds: SECONDS, token: drive.token });
const sends = (drive, clients, requests) => () => load.call('send', { url: drive.url, clients, requests, status: 200 });
let made = 0;
const uploads = (drive) => Array.from({ length: REQUESTS }, () => upload(drive, `${(made += 1)}.bin`, 1024));

const profiles = [];
for (const [name, prepare] of Object.entries(LOADS)) {
  const profileDirectory = join(directory, `profile-${profiles.length}`);
  const drive = await Drive.start({ directory }, `drive-${profiles.length}`, { profileDirectory });
  // The first round has the drive compile its code.
  const warmUp = await prepare(drive);
  await warmUp();
  const run = await prepare(drive);
  const from = process.hrtime();
  await run();
  const until = process.hrtime();
  await drive.stop();
  profiles.push({ name, ...sharesOf(profileDirectory, from, until) });
  console.log(name, profiles.at(-1));
}
load.close();
if (!options.quick) save();

function save() {
  mkdirSync(RESULTS, { recursive: true });
  const result = { date: new Date().toISOString(), node: process.version, groups: GROUPS, profiles };
  writeFileSync(new URL('profile.json', RESULTS), `${JSON.stringify(result, null, 2)}\n`);
}
