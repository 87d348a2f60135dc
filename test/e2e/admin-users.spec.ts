import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { admin, type Outcome } from '../support/admin.js';
import { PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

const drive = driveFixture({ SIGNUP: 'closed' });

const run = (...args: string[]) => admin(drive.config, args);
const told = ({ code, err }: Outcome) => [code, err.trim()];
const create = (username: string, ...args: string[]) =>
  admin(
    drive.config,
    ['users', 'create', '--username', username, '--email', 'a@b.org', '--name', 'A B', '--password-stdin', ...args],
    { input: `${PASSWORD}\n` },
  );
const row = async (username: string) =>
  (await drive.probe.rows('SELECT * FROM users WHERE username = ?', [username]))[0];
const logIn = (username: string, password = PASSWORD) => drive.anonymous().post('/api/login', { username, password });

describe('users create', () => {
  it('makes an account that can log in, also where sign-up is closed', async () => {
    const { code, json, err } = await create('Alice', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json).toEqual([
      expect.objectContaining({ username: 'alice', role: 'user', maxFiles: 100, maxStorage: 1073741824 }),
    ]);
    expect(JSON.stringify(json)).not.toContain('argon2');
    expect((await logIn('alice')).status).toBe(200);
  });

  it('makes an admin with limits', async () => {
    const args = ['--role', 'admin', '--max-files', '7', '--max-storage', '5MiB'];
    expect((await create('boss', ...args)).code).toBe(0);
    expect(await row('boss')).toMatchObject({ role: 'admin', maxFiles: 7, maxStorage: 5 * 1024 * 1024 });
    const client = await drive.anonymous().logIn('boss');
    expect((await client.get('/api/admin/users/limits')).status).toBe(200);
  });

  it.each([
    ['a name that is taken', ['ALICE'], 'error: Username already taken'],
    ['a name that nobody may have', ['../x'], /^error: username must be 3 to 32 letters/],
    ['a role that does not exist', ['carol', '--role', 'god'], /The role must be "user" or "admin"/],
    ['a limit that is no number', ['carol', '--max-files', '-1'], /--max-files must be a whole number/],
    ['a limit that is no size', ['carol', '--max-storage', '5 potatoes'], /--max-storage must be a size/],
    ['an option that does not exist', ['carol', '--password', PASSWORD], /unknown option '--password'/],
    ['a surplus argument', ['carol', 'dave'], /too many arguments/],
  ])('refuses %s in one line and makes nothing', async (_what, [username, ...args], message) => {
    const { code, err, out } = await create(username!, ...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
    expect(await row('carol')).toBeUndefined();
  });

  it('refuses a password that is too short, and one that cannot be asked for', async () => {
    const args = ['users', 'create', '--username', 'carol', '--email', 'c@b.org', '--name', 'C'];
    const short = await admin(drive.config, [...args, '--password-stdin'], { input: 'short' });
    expect(told(short)).toEqual([1, 'error: password must be text of 8 to 128 characters']);
    expect(told(await run(...args))).toEqual([
      1,
      'error: There is no terminal to ask on: give the password with --password-stdin',
    ]);
  });
});

describe('users', () => {
  it('list and show tell what the database says', async () => {
    await create('erin');
    const { out, code } = await run('users', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(/^ID +USERNAME +ROLE/);
    expect(out).toMatch(/\d+ +erin +user +active +0 +100 +0 B +1 GiB +a@b\.org/);
    const [shown] = (await run('users', 'show', 'ERIN', '--json')).json;
    expect(shown).toMatchObject({ username: 'erin', currentFiles: 0, disabled: false });
    expect((await run('users', 'list', '--json')).json).toContainEqual(shown);
    expect(told(await run('users', 'show', 'nobody'))).toEqual([1, 'error: User not found']);
  });

  it('set-limits and set-role change the row', async () => {
    await create('frank');
    expect((await run('users', 'set-limits', 'frank', '--max-files', '0')).code).toBe(0);
    expect((await run('users', 'set-role', 'frank', 'admin')).code).toBe(0);
    expect(await row('frank')).toMatchObject({ maxFiles: 0, maxStorage: 1073741824, role: 'admin' });
    expect(told(await run('users', 'set-role', 'frank', 'god'))).toEqual([
      1,
      'error: The role must be "user" or "admin"',
    ]);
    expect((await run('users', 'set-limits', 'frank')).code).toBe(1);
  });

  it('disable ends sessions and log-ins at once; enable lets in again', async () => {
    await create('grace');
    const client = await drive.anonymous().logIn('grace');
    expect((await run('users', 'disable', 'grace')).code).toBe(0);
    expect((await client.get('/api/files')).status).toBe(401);
    expect((await logIn('grace')).status).toBe(401);
    expect((await run('users', 'enable', 'grace')).code).toBe(0);
    expect((await client.get('/api/files')).status).toBe(401);
    expect((await logIn('grace')).status).toBe(200);
  });

  it('reset-password ends sessions; only the new password opens', async () => {
    await create('heidi');
    const client = await drive.anonymous().logIn('heidi');
    const reset = ['users', 'reset-password', 'heidi', '--password-stdin'];
    expect((await admin(drive.config, reset, { input: 'tiny' })).code).toBe(1);
    expect((await client.get('/api/files')).status).toBe(200);
    expect((await admin(drive.config, reset, { input: 'another long one\r\n' })).code).toBe(0);
    expect((await client.get('/api/files')).status).toBe(401);
    expect((await logIn('heidi')).status).toBe(401);
    expect((await logIn('heidi', 'another long one')).status).toBe(200);
  });

  it('delete takes links, files, bytes and the account, and only those', async () => {
    await create('ivan');
    await create('judy');
    const [ivan, judy] = await Promise.all([drive.anonymous().logIn('ivan'), drive.anonymous().logIn('judy')]);
    await judy.file('stays.txt');
    for (let n = 0; n < 40; n++) await ivan.file(`${n}.txt`);
    const { code, json } = await run('users', 'delete', 'ivan', '--json');
    expect([code, json[0]]).toEqual([0, expect.objectContaining({ username: 'ivan', deletedFiles: 40 })]);
    expect(await row('ivan')).toBeUndefined();
    expect((await drive.blobs()).map(({ key }) => key)).toEqual(['judy/stays.txt']);
    expect((await ivan.get('/api/files')).status).toBe(401);
    expect(await drive.violations()).toEqual([]);
    expect(told(await run('users', 'delete', 'ivan'))).toEqual([1, 'error: User not found']);
  });

  it('delete keeps the account, shut out, while bytes cannot be removed, and goes on later', async () => {
    await create('mallory');
    const client = await drive.anonymous().logIn('mallory');
    await client.file('stuck.txt');
    const path = join(drive.config.dataDir, 'uploads/mallory/stuck.txt');
    rmSync(path);
    mkdirSync(path);
    const stuck = await run('users', 'delete', 'mallory');
    expect(stuck.code).toBe(1);
    expect(stuck.err).toMatch(/shut out.*1 failed: see "storage removals"/);
    expect(await row('mallory')).toMatchObject({ disabled: 1, usedFiles: 0 });
    expect((await run('storage', 'removals')).code).toBe(2);
    rmdirSync(path);
    await drive.probe.run('UPDATE blobRemovals SET nextAttemptAt = 0, attempts = 0');
    expect((await run('users', 'delete', 'mallory')).code).toBe(0);
    expect(await row('mallory')).toBeUndefined();
  });
});
