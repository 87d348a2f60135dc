import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { PASSWORD } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { openProbe } from '../support/probe.js';
import { BYTES, LINKS, makeAncestor, UUID } from './ancestor.js';

const work = temporaryDirectory();
const ancestor = join(work, 'ancestor');
const map = join(work, 'map.csv');
let drive: Drive;

const run = (...args: string[]) => admin(drive.config, ['import', 'defdrive', ancestor, '--json', ...args]);
const what = (json: Record<string, any>[], kind: string) =>
  Object.fromEntries(
    json.filter((entry) => entry.kind === kind).map(({ id, outcome, notes }) => [id, [outcome, ...notes].join(': ')]),
  );

/** All that an import makes, apart from ids and moments. */
async function world(): Promise<unknown> {
  const probe = await openProbe(drive.config);
  const users =
    'SELECT username, name, email, role, maxFiles, maxStorage, usedFiles, usedBytes, createdAt FROM users ORDER BY username';
  const files = `SELECT u.username, f.name, f.size, f.sha256, f.public, f.createdAt, f.state FROM files f
    JOIN users u ON u.id = f.ownerId ORDER BY u.username, f.name`;
  const links = `SELECT f.name AS fileName, a.name, CASE WHEN a.name = 'link 9' THEN '' ELSE a.link END AS link, a.subnets, a.ips,
    a.expiresAt, a.public, a.oneTimeUse, a.enableTTL, a.ttl, a.uses FROM accesses a JOIN files f ON f.id = a.fileId ORDER BY a.name`;
  const found = [await probe.rows(users), await probe.rows(files), await probe.rows(links)];
  await probe.close();
  return found;
}

beforeAll(async () => {
  await makeAncestor(ancestor);
  writeFileSync(map, 'user,Carol Smith,carol\nuser,ALICE,alice.twin\nfile,6,bad name.txt\nemail,bob,bob@example.org\n');
  drive = await Drive.start();
}, 30_000);
afterAll(async () => {
  await drive.destroy();
});

describe('import defdrive', () => {
  it('reports what does not fit, beside the server, and does nothing', async () => {
    const { code, json } = await run('--dry-run');
    expect(code).toBe(2);
    expect(what(json, 'user')).toMatchObject({
      1: 'possible',
      2: expect.stringMatching(/^possible: the (name "" does not fit: it is bob|email .*): the /),
      3: 'refused: nobody can be called Carol Smith here: map the name',
      4: 'refused: Alice is alice already: map one of them',
      6: expect.stringMatching(/the password cannot be taken over/),
    });
    expect(what(json, 'file')).toMatchObject({
      2: 'refused: its bytes were overwritten by the file 3 of another user',
      6: expect.stringMatching(/^refused: Invalid file name/),
      8: 'refused: its bytes are not there',
      9: 'refused: its bytes are not there',
      11: 'refused: its owner 99 is not imported',
    });
    expect((await run()).err).toMatch(/stop the server first/);
    expect(await world()).toEqual([[], [], []]);
  });

  it('brings in users, files and links, with what the map says', async () => {
    await drive.close();
    const { json } = await run('--map', map);
    expect(what(json, 'user')).toEqual({
      1: 'imported',
      2: 'imported: the name "" does not fit: it is bob',
      3: 'imported',
      4: 'imported',
      6: expect.stringMatching(/^imported: the password/),
    });
    expect(what(json, 'file')).toMatchObject({
      ...{ 1: 'imported', 3: 'imported', 5: 'imported', 6: 'imported', 7: 'imported' },
      4: 'there: was uploaded again as 5, which its links open',
    });
    expect(what(json, 'access')).toEqual({
      ...{ 1: 'imported', 2: 'imported', 3: 'imported', 4: 'imported', 5: 'imported', 6: 'imported', 10: 'imported' },
      7: 'imported: the networks 10.0.0.0/99 cannot be read: it is not public any more',
      8: 'refused: its file 8 is not imported',
      9: 'imported: its address cannot be kept: it has a new one',
    });
    const [users] = (await world()) as [Record<string, unknown>[]];
    const createdAt = Date.parse('2025-03-01T10:00:00.123Z');
    expect(users.find(({ username }) => username === 'carol')).toMatchObject({
      ...{ maxFiles: 1, maxStorage: 5, usedFiles: 1, usedBytes: 7, createdAt, role: 'user' },
    });
    expect(users.find(({ username }) => username === 'bob')).toMatchObject({
      email: 'bob@example.org',
      maxFiles: 100,
    });
  }, 30_000);

  it('run again it changes nothing; and killed anywhere, then run again, it comes to the same', async () => {
    const whole = await world();
    const { json } = await run('--map', map);
    expect(json.filter(({ outcome }) => outcome === 'imported')).toEqual([]);
    expect(await world()).toEqual(whole);
    const first = drive;
    const kills = ['upload.claimed:2', 'upload.synced:3', 'upload.published:1', 'upload.published:4', 'upload.live:2'];
    drive = await Drive.start();
    await drive.close();
    for (const FAILPOINT of kills) {
      const args = ['import', 'defdrive', ancestor, '--map', map];
      const { signal } = await admin(drive.config, args, { environment: { FAILPOINT } });
      if (FAILPOINT === kills[0]) expect(signal).toBe('SIGKILL');
    }
    await run('--map', map);
    expect(await world()).toEqual(whole);
    expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);
    expect(readdirSync(join(drive.config.dataDir, 'uploads/.tmp'))).toEqual([]);
    rmSync(join(drive.config.dataDir, '..'), { recursive: true, force: true });
    drive = first;
  }, 60_000);

  it('links work under their old addresses, as often as they did', async () => {
    drive = await drive.restart();
    const open = async (link: string) => {
      const response = await drive.anonymous().fetch(`/link/${link}`);
      return [response.status, await response.text()] as const;
    };
    expect(await open(LINKS.plain)).toEqual([200, BYTES.report]);
    expect(await open(UUID)).toEqual([200, BYTES.again]);
    expect((await open(UUID.replaceAll('-', '')))[0]).toBe(200);
    expect((await open(LINKS.once))[0]).toBe(200);
    expect(JSON.parse((await open(LINKS.once))[1]).error).toBe('Access link has already been used');
    expect(JSON.parse((await open(LINKS.spent))[1]).error).toBe('Access link has already been used');
    expect([(await open(LINKS.counted))[0], (await open(LINKS.counted))[0], (await open(LINKS.counted))[0]]).toEqual([
      ...[200, 200, 403],
    ]);
    expect(JSON.parse((await open(LINKS.net))[1]).error).toBe('Access restricted to specific subnets');
    expect(JSON.parse((await open(LINKS.broken))[1]).error).toBe('Access denied: file or access is not public');
    expect(JSON.parse((await open('a'.padStart(32, '0')))[1]).error).toBe('Access link has expired');
  });

  it('passwords are known once by their old hash, and kept as all others from then on', async () => {
    const hashes = async () =>
      Object.fromEntries(
        (
          await drive.probe.rows<{ username: string; passwordHash: string }>('SELECT username, passwordHash FROM users')
        ).map(({ username, passwordHash }) => [username, passwordHash.slice(0, 4)]),
      );
    expect((await hashes()).alice).toBe('$2a$');
    const logIn = (username: string, password: string) => drive.anonymous().post('/api/login', { username, password });
    expect((await logIn('alice', 'wrong one')).status).toBe(401);
    expect((await hashes()).alice).toBe('$2a$');
    const [one, two] = await Promise.all([logIn('alice', PASSWORD), logIn('alice', PASSWORD)]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect((await hashes()).alice).toBe('$arg');
    expect((await logIn('alice', PASSWORD)).status).toBe(200);
    // Shorter than one may choose here, and still one's own.
    expect((await logIn('bob', 'short')).status).toBe(200);
    expect((await logIn('dave', 'plain text')).status).toBe(401);
    const carol = await drive.anonymous().logIn('carol');
    const { body } = await carol.get('/api/files');
    expect(body.files).toMatchObject([{ name: 'ü €.txt', createdAt: '2025-03-01T10:00:00.123Z', public: true }]);
    expect((await carol.upload('more.txt', 'x')).body.error).toBe('File limit exceeded');
    expect(await drive.violations()).toEqual([]);
  });

  it('says what is wrong with what it is given', async () => {
    const at = (directory: string, ...args: string[]) =>
      admin(drive.config, ['import', 'defdrive', directory, ...args]);
    expect((await at('/nowhere')).err).toMatch(/There is no directory \/nowhere\/uploads/);
    expect((await at(work, '--uploads', work)).err).toMatch(/users\.csv cannot be read/);
    writeFileSync(map, 'folder,a,b\n');
    expect((await run('--map', map)).err).toBe('error: --map says user, email or file, and not folder\n');
    writeFileSync(map, 'user,a\n');
    expect((await run('--map', map)).err).toMatch(/row 1 has 2 columns and not 3/);
  });
});
