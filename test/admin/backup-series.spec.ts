import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { testEngine } from '../support/probe.js';

describe.skipIf(testEngine() !== 'sqlite')('a series of backups', () => {
  const series = join(temporaryDirectory(), 'series');
  const drive = driveFixture({}, { checked: 'never' });
  let alice: Client;
  const add = (...args: string[]) =>
    admin(drive.config, ['database', 'backup', series, '--incremental', '--json', ...args]);
  const inode = (path: string) => statSync(path).ino;
  const backups = () => readdirSync(series).filter((name) => !name.startsWith('lock'));

  beforeAll(async () => {
    alice = await drive.signUp('alice');
    await alice.file('same.txt', 'the same');
  });

  it('takes over bytes that are the same, and copies a name that was used again for others', async () => {
    const again = await alice.file('again.txt', 'first');
    const [first] = (await add()).json;
    expect(first).toMatchObject({ files: 2, linked: 0, damaged: [], removed: [] });
    await alice.delete(`/api/files/${again.id}`);
    await alice.file('again.txt', 'other');
    const [second] = (await add()).json;
    expect(second).toMatchObject({ files: 2, linked: 1, damaged: [], removed: [] });
    const path = (backup: Record<string, unknown> | undefined, name: string) =>
      join(String(backup?.directory), 'uploads/alice', name);
    expect(inode(path(second, 'same.txt'))).toBe(inode(path(first, 'same.txt')));
    // Of the drive itself nothing is linked: its delete ends its bytes, and those of a backup are the backup's.
    expect(inode(path(second, 'same.txt'))).not.toBe(inode(join(drive.config.dataDir, 'uploads/alice/same.txt')));
    expect(readFileSync(path(first, 'again.txt'), 'utf8')).toBe('first');
    expect(readFileSync(path(second, 'again.txt'), 'utf8')).toBe('other');
    const { json } = await admin(drive.config, ['status', '--json']);
    expect(json[0]!.lastBackup).toMatchObject({ directory: second!.directory, files: 2, damaged: 0 });
  });

  it('clears what a killed run has left, and keeps as many as it is told', async () => {
    const [, newest] = backups().toSorted();
    const half = join(series, '2026-01-01T00-00-00.000Z');
    cpSync(join(series, newest!), half, { recursive: true });
    rmSync(join(half, 'backup.json'));
    const [third] = (await add('--keep', '2')).json;
    expect(third!.linked).toBe(2);
    expect(third!.removed).toHaveLength(1);
    expect(backups()).toHaveLength(2);
    expect(existsSync(half)).toBe(false);
  });

  it('never takes over what was damaged, and keeps what is damaged later', async () => {
    const { id } = await alice.file('bad.txt', 'good');
    const bytes = (name: string) => join(drive.config.dataDir, 'uploads/alice', name);
    writeFileSync(bytes('bad.txt'), 'evil');
    writeFileSync(bytes('same.txt'), 'THE SAME');
    const [made] = (await add()).json;
    expect(made).toMatchObject({ damaged: ['alice/bad.txt'], linked: 2 });
    expect(readFileSync(join(made!.directory, 'uploads/alice/same.txt'), 'utf8')).toBe('the same');
    writeFileSync(bytes('bad.txt'), 'good');
    expect((await add()).json[0]).toMatchObject({ damaged: [], linked: 2, files: 3 });
    await alice.delete(`/api/files/${id}`);
  }, 20_000);

  it('refuses a directory with something else in it, and what is kept of no series', async () => {
    const { code, err } = await admin(drive.config, ['database', 'backup', drive.config.dataDir, '--incremental']);
    expect([code, err]).toEqual([1, expect.stringContaining('holds something else')]);
    const other = await admin(drive.config, ['database', 'backup', '/nowhere', '--keep', '2']);
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('--incremental')]);
  });

  it('restores the last of a series, and refuses to write over a drive', async () => {
    writeFileSync(join(drive.config.dataDir, 'uploads/alice/same.txt'), 'the same');
    await add();
    await alice.file('later.txt', 'later');
    const restore = (...args: string[]) => admin(drive.config, ['database', 'restore', series, '--json', ...args]);
    expect((await restore()).err).toMatch(/stop the server first/);
    await drive.close();
    expect((await restore()).err).toMatch(/holds defdrive.sqlite of a drive already/);
    const { code, json } = await restore('--replace');
    expect([code, json[0]]).toEqual([0, expect.objectContaining({ files: 2, damaged: [] })]);
    expect(readFileSync(join(json[0]!.replaced, 'uploads/alice/later.txt'), 'utf8')).toBe('later');
    const [backup] = backups().toSorted().toReversed();
    const restored = join(drive.config.dataDir, 'uploads/alice/same.txt');
    expect(inode(restored)).not.toBe(inode(join(series, backup!, 'uploads/alice/same.txt')));
    await drive.restart();
    expect((await new Client(drive.url, alice.token).get('/api/files')).status).toBe(401);
    alice = await drive.anonymous().logIn('alice');
    expect((await alice.get('/api/files?sort=name')).body.files.map(({ name }: { name: string }) => name)).toEqual([
      ...['again.txt', 'same.txt'],
    ]);
    expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);
    expect(await drive.violations()).toEqual([]);
  }, 30_000);

  it.each(['restore.written', 'restore.aside', 'restore.moved'])(
    'killed at %s and run again, it is whole',
    async (FAILPOINT) => {
      const dataDir = join(temporaryDirectory(), 'data');
      const restore = (environment: NodeJS.ProcessEnv = {}) =>
        admin({ dataDir }, ['database', 'restore', series, '--json'], { environment });
      expect((await restore({ FAILPOINT })).signal).toBe('SIGKILL');
      const started = await Drive.start({ DATA_DIR: dataDir }).catch((error: unknown) => error);
      expect(started).toMatchObject({ message: expect.stringContaining('but no database') });
      expect((await restore()).json[0]).toMatchObject({ files: 2, damaged: [] });
      const other = await Drive.start({ DATA_DIR: dataDir });
      expect(await other.violations()).toEqual([]);
      expect((await other.anonymous().logIn('alice')).token).toBeDefined();
      expect(readdirSync(dataDir)).not.toContain('restore.part');
      await other.destroy();
    },
    20_000,
  );

  it('says what is missing in a backup, and what is none', async () => {
    const [newest] = backups().toSorted().toReversed();
    const broken = join(temporaryDirectory(), 'broken');
    cpSync(join(series, newest!), broken, { recursive: true });
    rmSync(join(broken, 'uploads/alice/same.txt'));
    const dataDir = join(broken, '../data');
    const { code, json } = await admin({ dataDir }, ['database', 'restore', broken, '--json']);
    expect([code, json[0]!.damaged]).toEqual([2, ['alice/same.txt']]);
    expect((await admin({ dataDir: join(broken, '../no') }, ['database', 'restore', tmpdir()])).err).toMatch(
      /is no backup/,
    );
  });
});
