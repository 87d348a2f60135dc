import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin, seed } from '../support/admin.js';
import { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { underLoad } from '../support/load.js';
import { testEngine } from '../support/probe.js';

const FILES = 1_000;
const dataDir = join(temporaryDirectory(), 'data');
const directory = join(temporaryDirectory(), 'backup');

describe.skipIf(testEngine() !== 'sqlite')('database backup', () => {
  const drive = driveFixture(
    async () => {
      await seed({ dataDir }, '--files', String(FILES), '--users', '2', '--accesses', '1000');
      return { DATA_DIR: dataDir };
    },
    { checked: 'never' },
  );
  let alice: Client;
  const bytes = Uint8Array.from(randomBytes(3_000_000));
  const backup = (to: string, ...args: string[]) => admin(drive.config, ['database', 'backup', to, ...args]);

  beforeAll(async () => {
    alice = await drive.signUp('alice');
    await alice.file('big.bin', bytes);
    await alice.file('empty.txt', '');
  }, 120_000);

  it('is whole although files come and go meanwhile, and holds neither sessions nor the secret', async () => {
    const clients = await Promise.all([1, 2].map((n) => drive.anonymous().logIn(`seed${n}`)));
    let result: Record<string, any> = {};
    const done = await underLoad(clients, async () => {
      const { code, json, err } = await admin(drive.config, ['database', 'backup', directory, '--json'], {
        stutter: true,
      });
      expect([code, err]).toEqual([0, '']);
      result = json[0]!;
    });
    expect(done).toBeGreaterThan(20);
    expect(result).toMatchObject({ damaged: [] });
    expect(result.deletedMeanwhile).toBeGreaterThan(0);
    expect(readdirSync(directory).toSorted()).toEqual(['defdrive.sqlite', 'uploads']);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'uploads/alice/big.bin')).mode & 0o777).toBe(0o600);
    const copy = new SqliteDatabase(join(directory, 'defdrive.sqlite'), { readonly: true });
    const count = (sql: string) => copy.prepare(sql).pluck().get();
    expect(count('SELECT COUNT(*) FROM sessions')).toBe(0);
    expect(count('SELECT COUNT(*) FROM blobRemovals')).toBe(0);
    expect(count("SELECT COUNT(*) FROM files WHERE state <> 'live'")).toBe(0);
    expect(count('SELECT COUNT(*) FROM files')).toBe(result.files);
    expect(count('SELECT COUNT(*) FROM accesses WHERE fileId NOT IN (SELECT id FROM files)')).toBe(0);
    copy.close();
  }, 60_000);

  it('restored elsewhere, the deep check is clean and a download is byte-equal', async () => {
    const restored = join(temporaryDirectory(), 'data');
    cpSync(directory, restored, { recursive: true });
    const other = await Drive.start({ DATA_DIR: restored });
    const { code, json } = await admin(other.config, ['storage', 'check', '--deep', '--json']);
    expect([code, json.at(-1)]).toEqual([0, expect.objectContaining({ clean: true, deep: true })]);
    expect(await other.violations()).toEqual([]);
    expect((await new Client(other.url, alice.token).get('/api/files')).status).toBe(401);
    const client = await other.anonymous().logIn('alice');
    const { body } = await client.get('/api/files?sort=name');
    const response = await client.fetch(`/api/files/${body.files[0].id}/content`);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    const { id } = await client.file('new.txt');
    const [last] = await drive.probe.rows<{ id: number }>('SELECT MAX(fileId) AS id FROM accesses');
    expect(id).toBeGreaterThan(last!.id);
    await other.destroy();
  }, 60_000);

  it('refuses a directory that has something in it, and leaves it alone', async () => {
    const { code, err } = await backup(directory);
    expect([code, err]).toEqual([1, `error: The directory of a backup must be empty: ${directory}\n`]);
    expect(readdirSync(directory).toSorted()).toEqual(['defdrive.sqlite', 'uploads']);
  });

  it('says what is damaged, and still makes the backup', async () => {
    appendFileSync(join(dataDir, 'uploads/alice/big.bin'), 'x');
    rmSync(join(dataDir, 'uploads/alice/empty.txt'));
    const to = join(temporaryDirectory(), 'backup');
    const { code, json } = await backup(to, '--json');
    expect([code, json[0]!.damaged.toSorted()]).toEqual([2, ['alice/big.bin', 'alice/empty.txt']]);
    expect(existsSync(join(to, 'defdrive.sqlite'))).toBe(true);
  });
});
