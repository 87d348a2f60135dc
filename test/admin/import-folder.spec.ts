import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { openProbe } from '../support/probe.js';

/** Ten thousand in the long form: `IMPORT_FILES=10000`. */
const FILES = Number(process.env.IMPORT_FILES ?? 300);
/** Where an import is killed, and after which part of all files. */
const KILLS = [
  ['upload.published', 0.13],
  ['upload.live', 0.3],
  ['upload.synced', 0.2],
] as const;
const AWKWARD = [
  ...['.env', 'CON.txt', 'What?.txt', 'a:b.txt', 'ü.txt', 'résumé.pdf', '日本語.txt', 'two  spaces.txt', '😀.png'],
  'deep/er/and deeper/x.txt',
];
const MODIFIED = new Date('2021-05-06T07:08:09.000Z');

const work = temporaryDirectory();
const tree = join(work, 'tree');
const textOf = (n: number) => `file ${n}\n`.repeat((n % 7) + 1);
let drive: Drive;

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
  utimesSync(join(tree, path), MODIFIED, MODIFIED);
}

const run = (directory: string, ...args: string[]) =>
  admin(drive.config, ['import', 'folder', directory, '--json', ...args]);
const filesOf = async (user: string) => {
  const probe = await openProbe(drive.config);
  const rows = await probe.rows<{ name: string; sha256: string }>(
    `SELECT f.name, f.sha256 FROM files f JOIN users u ON u.id = f.ownerId WHERE u.username = '${user}' AND f.state = 'live'`,
  );
  await probe.close();
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
};

beforeAll(async () => {
  for (let n = 0; n < FILES; n += 1) write(`year ${n % 10}/${n}.txt`, textOf(n));
  for (const name of AWKWARD) write(name, name);
  write('empty.txt', '');
  drive = await Drive.start({ DEFAULT_MAX_FILES: '100000' });
  for (const name of ['alice', 'bob', 'carol']) await drive.signUp(name);
}, 60_000);
afterAll(async () => {
  await drive.destroy();
});

describe('import folder', () => {
  const total = FILES + AWKWARD.length + 1;

  it('tells what it would do, beside the server, and does nothing', async () => {
    const { code, json } = await run(tree, '--user', 'alice', '--dry-run');
    expect([code, json.at(-1)]).toEqual([0, expect.objectContaining({ possible: total, refused: 0, dryRun: true })]);
    expect(await filesOf('alice')).toEqual(new Map());
    expect((await run(tree, '--user', 'alice')).err).toMatch(/stop the server first/);
  });

  it('killed in the middle and run again, it comes to the same as a run that was not', async () => {
    await drive.close();
    const whole = await run(tree, '--user', 'bob');
    expect([whole.code, whole.json.at(-1)]).toEqual([0, expect.objectContaining({ imported: total, there: 0 })]);
    for (const [place, part] of KILLS) {
      const FAILPOINT = `${place}:${Math.round(FILES * part)}`;
      const args = ['import', 'folder', tree, '--user', 'alice'];
      expect((await admin(drive.config, args, { environment: { FAILPOINT } })).signal).toBe('SIGKILL');
    }
    const { code, json } = await run(tree, '--user', 'alice');
    const sum = json.at(-1)!;
    expect([code, sum.imported + sum.there, sum.refused]).toEqual([0, total, 0]);
    expect(sum.there).toBeGreaterThan(100);
    expect(await filesOf('alice')).toEqual(await filesOf('bob'));
    expect((await run(tree, '--user', 'alice')).json.at(-1)).toMatchObject({ imported: 0, there: total });
    expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);
  }, 600_000);

  it('has copied bytes, names and times, and linked nothing', async () => {
    const names = await filesOf('alice');
    expect(names.get('deep - er - and deeper - x.txt')).toBe(sha256('deep/er/and deeper/x.txt'));
    for (const name of AWKWARD.slice(0, -1)) expect(names.get(name)).toBe(sha256(name));
    const last = join(drive.config.dataDir, 'uploads/alice/year 0 - 0.txt');
    expect(readFileSync(last, 'utf8')).toBe(textOf(0));
    expect(statSync(last).nlink).toBe(1);
    expect(statSync(join(tree, 'year 0/0.txt')).nlink).toBe(1);
    drive = await drive.restart();
    const alice = await drive.anonymous().logIn('alice');
    const { body } = await alice.get('/api/files?q=.env');
    expect(body.files[0]).toMatchObject({ name: '.env', createdAt: MODIFIED.toISOString(), public: false });
    expect(await drive.violations()).toEqual([]);
    await drive.close();
  }, 30_000);

  it('takes folders of users, maps what does not fit, and says why it refuses', async () => {
    const homes = join(work, 'homes');
    for (const [path, text] of [
      ['Carol Smith/notes.txt', 'notes'],
      ['Carol Smith/a\nb.txt', 'mapped'],
      ['Carol Smith/c\nd.txt', 'refused'],
      ['Carol Smith/x/twin.txt', 'first'],
      ['Carol Smith/y/TWIN.txt', 'second'],
      ['nobody/lost.txt', 'lost'],
      ['loose.txt', 'loose'],
    ]) {
      mkdirSync(dirname(join(homes, path!)), { recursive: true });
      writeFileSync(join(homes, path!), text!);
    }
    symlinkSync('/etc/passwd', join(homes, 'Carol Smith/passwd'));
    writeFileSync(join(work, 'map.csv'), 'Carol Smith,carol\n"Carol Smith/a\nb.txt",ab.txt\n');
    const { code, json } = await run(homes, '--per-user', '--names', 'base', '--map', join(work, 'map.csv'));
    expect(code).toBe(2);
    const why = new Map(json.slice(0, -1).map(({ path, outcome, detail }) => [path, detail ?? outcome]));
    expect(Object.fromEntries(why)).toEqual({
      'Carol Smith/a\nb.txt': 'imported',
      'Carol Smith/c\nd.txt': expect.stringMatching(/^Invalid file name: the name has a control character/),
      'Carol Smith/notes.txt': 'imported',
      'Carol Smith/passwd': 'is no plain file, or a symbolic link',
      'Carol Smith/x/twin.txt': 'imported',
      'Carol Smith/y/TWIN.txt': 'would be called as Carol Smith/x/twin.txt is',
      'loose.txt': 'is in no folder of a user',
      'nobody/lost.txt': 'User not found',
    });
    expect([...(await filesOf('carol')).keys()].toSorted()).toEqual(['ab.txt', 'notes.txt', 'twin.txt']);
    // Other bytes under a name that is there are never taken for the same, nor do they replace it.
    const other = join(work, 'other');
    cpSync(join(homes, 'Carol Smith/notes.txt'), join(other, 'notes.txt'), { recursive: true });
    writeFileSync(join(other, 'notes.txt'), 'NOTES');
    const again = await run(other, '--user', 'carol');
    expect([again.code, again.json[0]]).toEqual([
      2,
      expect.objectContaining({ detail: 'there is another file of this name already: notes.txt' }),
    ]);
    expect((await filesOf('carol')).get('notes.txt')).toBe(sha256('notes'));
  }, 30_000);

  it('stays within the limits of its user', async () => {
    await admin(drive.config, ['users', 'set-limits', 'carol', '--max-files', '4']);
    const { code, json } = await run(tree, '--user', 'carol');
    expect([code, json.at(-1)]).toEqual([2, expect.objectContaining({ imported: 1, refused: total - 1 })]);
    expect(json.find(({ outcome }) => outcome === 'refused')!.detail).toBe('File limit exceeded');
    expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);
  }, 120_000);

  it('says what is wrong with the command line', async () => {
    expect((await run(tree)).err).toMatch(/Say whose files they become/);
    expect((await run('/nowhere', '--user', 'alice')).err).toBe('error: There is no directory /nowhere\n');
    expect((await run(tree, '--user', 'alice', '--map', '/nowhere')).err).toMatch(/--map \/nowhere cannot be read/);
    drive = await drive.restart();
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
