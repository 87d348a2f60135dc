import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { openProbe } from '../support/probe.js';
import { makeLargeAncestor } from './ancestor.js';

/** Ten thousand in the long form: `IMPORT_FILES=10000`. */
const FILES = Number(process.env.IMPORT_FILES ?? 200);
/** Where an import is killed, and after which part of all files. */
const KILLS = [
  ['upload.claimed', 0.12],
  ['upload.published', 0.25],
  ['upload.live', 0.3],
  ['upload.synced', 0.2],
] as const;

const work = temporaryDirectory();
const ancestor = join(work, 'ancestor');
let drive: Drive;

const run = (environment: NodeJS.ProcessEnv = {}) =>
  admin(drive.config, ['import', 'defdrive', ancestor, '--json'], { environment });

/** All that an import makes, apart from ids. */
async function world(): Promise<unknown[]> {
  const probe = await openProbe(drive.config);
  const found = [
    await probe.rows('SELECT username, usedFiles, usedBytes, createdAt FROM users ORDER BY username'),
    await probe.rows(`SELECT u.username, f.name, f.size, f.sha256, f.public, f.createdAt, f.state FROM files f
      JOIN users u ON u.id = f.ownerId ORDER BY f.name`),
    await probe.rows(`SELECT f.name AS fileName, a.name, a.link, a.public, a.uses FROM accesses a
      JOIN files f ON f.id = a.fileId ORDER BY a.link`),
  ];
  await probe.close();
  return found;
}

beforeAll(async () => {
  await makeLargeAncestor(ancestor, FILES);
  drive = await Drive.start();
  await drive.close();
}, 60_000);
afterAll(async () => {
  await drive.destroy();
});

it('a large installation, killed in the middle several times and run again, comes to the same as one that was not', async () => {
  const killed = drive;
  for (const [place, part] of KILLS) {
    const FAILPOINT = `${place}:${Math.round(FILES * part)}`;
    expect((await run({ FAILPOINT })).signal).toBe('SIGKILL');
  }
  const { code, json } = await run();
  const files = json.filter(({ kind }) => kind === 'file');
  expect([code, files.length]).toEqual([0, FILES]);
  expect(files.filter(({ outcome }) => outcome === 'there').length).toBeGreaterThan(FILES / 2);
  const after = await world();
  expect((after[1] as unknown[]).length).toBe(FILES);
  expect((after[2] as unknown[]).length).toBe(Math.floor(FILES / 10));
  expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);

  const whole = await Drive.start();
  await whole.close();
  drive = whole;
  expect((await run()).code).toBe(0);
  expect(await world()).toEqual(after);
  drive = killed;
  await whole.destroy();
}, 600_000);
