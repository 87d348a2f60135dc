import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { openProbe, testEngine } from '../support/probe.js';
import { Server } from '../support/server.js';

const NOWHERE = { dataDir: '/nowhere' };
const COMMANDS = [...readFileSync('docs/ADMIN.md', 'utf8').matchAll(/^### (.*)$/gm)].map(([, command]) => command!);

describe('help', () => {
  it('docs/ADMIN.md has every command', () => {
    expect(COMMANDS).toEqual([
      ...['audit', 'status', 'completion'],
      ...['create', 'list', 'show', 'edit', 'set-limits', 'set-role', 'disable', 'enable', 'reset-password'].map(
        (command) => `users ${command}`,
      ),
      ...['users sessions', 'users end-sessions', 'users unlock', 'users delete', 'tokens list', 'tokens revoke'],
      ...['files list', 'files delete', 'uploads list', 'uploads end', 'links list', 'links revoke'],
      ...['verify', 'export', 'rotate-key'].map((command) => `receipts ${command}`),
      ...['check', 'repair', 'restore', 'move', 'removals'].map((command) => `storage ${command}`),
      ...['migrate', 'status', 'backup', 'restore', 'scrub'].map((command) => `database ${command}`),
      ...['import folder', 'import defdrive'],
      ...['maintenance on', 'maintenance off', 'maintenance status', 'config show'],
    ]);
  });

  it.each(COMMANDS)('%s --help needs no drive and knows --json', async (command) => {
    const { code, out, err } = await admin(NOWHERE, [...command.split(' '), '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^Usage: npm run admin -- ${command} `));
    expect(out).toContain('--json');
  });

  it.each([[], ['users'], ['nonsense'], ['users', 'nonsense'], ['users', 'show'], ['storage', 'check', '--nonsense']])(
    'a wrong command line is refused on the error output: %s',
    async (...args) => {
      const { code, out, err } = await admin(NOWHERE, args);
      expect([code, out]).toEqual([1, '']);
      expect(err).not.toBe('');
      expect(err).not.toMatch(/\n\s+at /);
    },
  );
});

describe('beside the wrong drive', () => {
  const drive = driveFixture();
  beforeAll(async () => {
    await (await drive.signUp('alice')).file('a.txt');
  });

  it('an uploads directory of another drive is refused, and so is an empty one', async () => {
    const identity = join(drive.config.dataDir, 'uploads/.defdrive');
    const id = readFileSync(identity);
    writeFileSync(identity, `${crypto.randomUUID()}\n`);
    for (const args of [
      ['users', 'list'],
      ['storage', 'check'],
      ['users', 'delete', 'alice'],
    ]) {
      const { code, err } = await admin(drive.config, args);
      expect([code, err]).toEqual([1, expect.stringMatching(/^error: .*belongs to another database/)]);
    }
    rmSync(identity);
    expect((await admin(drive.config, ['storage', 'check'])).err).toMatch(/carries no id: is it an empty or unmounted/);
    writeFileSync(identity, id);
    expect((await admin(drive.config, ['storage', 'check'])).code).toBe(0);
    expect(await drive.violations()).toEqual([]);
  });

  it('a database of another version is refused, and told about', async () => {
    const { rows, run } = drive.probe;
    const [{ count }] = (await rows<{ count: number }>('SELECT COUNT(*) AS count FROM migrations')) as [
      { count: number },
    ];
    await run("INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Future9999999999999')");
    expect((await admin(drive.config, ['users', 'list'])).err).toMatch(/newer than this program \(it knows Future/);
    expect((await admin(drive.config, ['database', 'migrate'])).code).toBe(1);
    const { code, json } = await admin(drive.config, ['database', 'status', '--json']);
    expect([code, json[0]]).toEqual([2, expect.objectContaining({ unknown: ['Future9999999999999'], pending: [] })]);
    await run("DELETE FROM migrations WHERE name LIKE 'Future%'");
    expect(await rows('SELECT id FROM migrations')).toHaveLength(count);
    expect((await admin(drive.config, ['database', 'status'])).out).toMatch(/The database is up to date/);
  });

  it('a database that is behind is only touched by migrate, and not under a server', async () => {
    await drive.probe.run("UPDATE migrations SET name = 'Elsewhere' WHERE id = 1");
    await drive.probe.run("DELETE FROM migrations WHERE name = 'Elsewhere'");
    expect((await admin(drive.config, ['users', 'list'])).err).toMatch(
      /older than this program .* run "database migrate"/,
    );
    expect((await admin(drive.config, ['database', 'status'])).code).toBe(2);
    const { code, err } = await admin(drive.config, ['database', 'migrate']);
    expect([code, err]).toEqual([1, expect.stringContaining('stop the server first')]);
    await drive.probe.run("INSERT INTO migrations (timestamp, name) VALUES (1764000000000, 'Initial1764000000000')");
    expect((await admin(drive.config, ['database', 'migrate'])).out).toBe('The database is up to date.\n');
  });
});

it.each([
  ['uploadInChunks', { kind: 'upload-dead', key: 'alice/a.txt' }],
  // Staged, and published without a record: the bytes at the key are not nobody's.
  ['upload', { kind: 'temporary-file', upload: expect.stringMatching(/\+alice\+a\.txt$/) }],
] as const)(
  'a server killed in the midst of an %s leaves its lock to nobody: what was in flight is found, and repaired',
  async (send, finding) => {
    const FAILPOINT = send === 'upload' ? 'upload.published' : 'upload.synced';
    const server = await Server.start(await Server.environment({ FAILPOINT }));
    const client = await server.client.signUp('alice');
    await client[send]('a.txt').catch(() => undefined);
    await server.ended;
    const { code, json } = await admin(server.config, ['storage', 'check', '--json']);
    expect([code, json[0]]).toEqual([2, expect.objectContaining(finding)]);
    expect(json).toHaveLength(2);
    expect((await admin(server.config, ['storage', 'repair', '--apply'])).code).toBe(0);
    const probe = await openProbe(server.config);
    expect(await probe.rows('SELECT id FROM files')).toEqual([]);
    await probe.close();
    expect((await admin(server.config, ['storage', 'check', '--deep'])).code).toBe(0);
  },
);

it('a restore from the quarantine obeys the limits of its new owner, and leaves the bytes where they are', async () => {
  const drive = await Drive.start();
  await drive.signUp('alice');
  await drive.probe.run('UPDATE users SET maxFiles = 0');
  await drive.app.close();
  const path = '2026-01-31/alice/a.txt';
  const quarantined = join(drive.config.dataDir, 'quarantine', path);
  mkdirSync(join(quarantined, '..'), { recursive: true });
  writeFileSync(quarantined, 'bytes');
  const restore = () => admin(drive.config, ['storage', 'restore', path, '--user', 'alice']);
  expect((await restore()).err).toBe(`error: ${path}: File limit exceeded\n`);
  expect(readFileSync(quarantined, 'utf8')).toBe('bytes');
  expect(await drive.blobs()).toEqual([]);
  expect(await drive.violations()).toEqual([]);
  await drive.probe.run('UPDATE users SET maxFiles = 1');
  expect((await restore()).code).toBe(0);
  expect(await drive.violations()).toEqual([]);
  await drive.destroy();
});

it('a server starts in spite of an access without its file, and a repair deletes it', async () => {
  const drive = await Drive.start();
  const { id } = await (await drive.signUp('alice')).file('a.txt');
  const off = testEngine() === 'sqlite' ? 'PRAGMA foreign_keys = OFF' : 'SET foreign_key_checks = 0';
  await drive.probe.run(off);
  await drive.probe.run(`INSERT INTO accesses
    (fileId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt)
    VALUES (${id + 1000}, 'x', 'x', '[]', '[]', 1, 0, 0, 0, '{}', 0)`);
  const again = await drive.restart();
  expect((await admin(again.config, ['storage', 'check'])).code).toBe(2);
  await again.app.close();
  expect((await admin(again.config, ['storage', 'repair', '--apply'])).code).toBe(0);
  expect(await again.probe.rows('SELECT id FROM accesses')).toEqual([]);
  expect(await again.violations()).toEqual([]);
  await again.destroy();
});
