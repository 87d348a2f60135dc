import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityServerModule } from '@app/integrity';
import { expect, it } from 'vitest';
import { admin, seed } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { databaseForTest } from '../support/probe.js';

const FILES = 2_000;
const dataDir = join(temporaryDirectory(), 'data');
let settings: NodeJS.ProcessEnv;

const drive = driveFixture(async () => {
  const database = await databaseForTest();
  settings = { DATA_DIR: dataDir, ...database };
  const target = { dataDir, databaseUrl: database.DATABASE_URL };
  await seed(target, '--files', String(FILES), '--users', '2', '--accesses', '500');
  await seed(target, '--files', String(FILES), '--users', '2', '--prefix', 'other');
  return settings;
});

const countOf = async (username: string) =>
  (
    await drive.probe.rows<{ count: number }>(
      'SELECT COUNT(*) AS count FROM files WHERE ownerId = (SELECT id FROM users WHERE username = ?)',
      [username],
    )
  )[0]!.count;
const isThere = async (username: string) =>
  (await drive.probe.rows('SELECT id FROM users WHERE username = ?', [username])).length === 1;
const blobsOf = async (username: string) =>
  (await drive.blobs()).filter(({ key }) => key.startsWith(`${username}/`)).length;
const killed = (username: string, batch: number) =>
  admin(drive.config, ['users', 'delete', username], {
    environment: { FAILPOINT: `account-removal.batch:${batch}` },
  });
const isClean = async () => expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);

it('killed in the middle and done again beside the server, it takes everything and nothing else', async () => {
  // The server would finish the account itself, every 30 s: here the command has to.
  await drive.app.get(IntegrityServerModule).beforeApplicationShutdown();
  expect((await killed('seed1', 5)).signal).toBe('SIGKILL');
  expect(await countOf('seed1')).toBe(FILES / 2 - 5 * 32);
  expect(
    (await drive.anonymous().post('/api/login', { username: 'seed1', password: 'correct horse battery' })).status,
  ).toBe(401);
  await drive.removalsSettled();
  await isClean();
  expect((await killed('seed1', 3)).signal).toBe('SIGKILL');
  const { code, out } = await admin(drive.config, ['users', 'delete', 'seed1']);
  expect([code, out]).toEqual([0, `User seed1 deleted, with ${FILES / 2 - 8 * 32} files\n`]);
  expect([await isThere('seed1'), await blobsOf('seed1'), await blobsOf('seed2')]).toEqual([false, 0, FILES / 2]);
  expect(await drive.violations()).toEqual([]);
  await isClean();
}, 120_000);

it('the name is free at once, and its new owner keeps what he uploads', async () => {
  const { code } = await admin(drive.config, ['users', 'delete', 'other1']);
  expect(code).toBe(0);
  const client = await drive.signUp('other1');
  const { id, size } = await client.file('file-0000000.pdf', 'mine');
  expect(size).toBe(4);
  await drive.removalsSettled();
  expect(await (await client.fetch(`/api/files/${id}/content`)).text()).toBe('mine');
  expect(await drive.violations()).toEqual([]);
}, 60_000);

it('without a server it removes the bytes itself, also after a kill', async () => {
  await drive.app.close();
  expect((await killed('seed2', 4)).signal).toBe('SIGKILL');
  expect(await blobsOf('seed2')).toBe(FILES / 2);
  expect((await admin(drive.config, ['users', 'delete', 'seed2'])).code).toBe(0);
  expect([await isThere('seed2'), await blobsOf('seed2'), await blobsOf('other2')]).toEqual([false, 0, FILES / 2]);
  expect(existsSync(join(dataDir, 'quarantine'))).toBe(false);
  await isClean();
}, 60_000);
