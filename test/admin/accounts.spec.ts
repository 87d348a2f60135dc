import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';

const drive = driveFixture();

const run = (...args: string[]) => admin(drive.config, args);

describe('users sessions and end-sessions', () => {
  it('list a user’s sessions, of programs and browsers, and end all of them at once', async () => {
    const program = await drive.signUp('alice');
    const browser = await drive.anonymous().openSession('alice');
    const stranger = await drive.signUp('stranger');
    const { json } = await run('users', 'sessions', 'alice', '--json');
    expect(json.map(({ kind }) => kind).toSorted()).toEqual(['browser', 'token']);
    expect(JSON.stringify(json)).not.toMatch(/secret/i);
    expect((await run('users', 'sessions', 'alice')).out).toMatch(/^ID +BY +SINCE/);
    expect(await run('users', 'end-sessions', 'alice')).toMatchObject({ code: 0, out: 'Sessions ended: 2\n' });
    for (const client of [program, browser]) expect((await client.get('/api/user')).status).toBe(401);
    expect((await stranger.get('/api/user')).status).toBe(200);
    expect((await run('users', 'sessions', 'alice')).out).toBe('No sessions\n');
  });
});

describe('tokens list and revoke', () => {
  it('show a user’s API tokens, never what they are, and revoke one', async () => {
    const bob = await drive.signUp('bob');
    expect((await run('tokens', 'list', 'bob')).out).toBe('No API tokens\n');
    const { body } = await bob.post('/api/user/tokens', { name: 'Backup', scopes: ['account:read'] });
    const { json, out } = await run('tokens', 'list', 'bob', '--json');
    expect(json).toMatchObject([{ id: body.apiToken.id, name: 'Backup', scopes: ['account:read'] }]);
    expect(out).not.toContain(body.token);
    const id = String(body.apiToken.id);
    expect(await run('tokens', 'revoke', 'alice', id)).toMatchObject({ code: 1, err: 'error: Token not found\n' });
    expect((await new Client(drive.url, body.token).get('/api/user')).status).toBe(200);
    expect(await run('tokens', 'revoke', 'bob', id)).toMatchObject({ code: 0, out: 'Token revoked\n' });
    expect((await new Client(drive.url, body.token).get('/api/user')).status).toBe(401);
  });
});

describe('users edit', () => {
  it('changes name and address, and refuses what nobody may have', async () => {
    await drive.signUp('carol');
    const { json } = await run('users', 'edit', 'carol', '--name', 'Carol C.', '--email', 'c@example.org', '--json');
    expect(json).toMatchObject([{ username: 'carol', name: 'Carol C.', email: 'c@example.org' }]);
    expect(await run('users', 'edit', 'carol', '--email', 'nowhere')).toMatchObject({
      code: 1,
      err: 'error: email must be an e-mail address\n',
    });
    expect((await run('users', 'edit', 'carol')).err).toBe('error: Give --name, --email or both\n');
  });
});

describe('the last admin', () => {
  it.each([
    ['set-role', 'root', 'user'],
    ['disable', 'root'],
    ['delete', 'root', '--yes'],
  ])('is not taken away: users %s', async (...args) => {
    if ((await drive.probe.rows("SELECT id FROM users WHERE username = 'root'")).length === 0)
      await drive.signUp('root');
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'root'");
    expect(await run('users', ...args)).toMatchObject({ code: 1, err: 'error: The last admin cannot be removed\n' });
    expect(await drive.probe.rows("SELECT role, disabled, removedAt FROM users WHERE username = 'root'")).toEqual([
      { role: 'admin', disabled: 0, removedAt: null },
    ]);
  });
});

describe('the command line', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run('--version')).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it.each([
    [['usres'], 'Did you mean users?'],
    [['users', 'lst'], 'Did you mean list?'],
    [['tokens', 'revok'], 'Did you mean revoke?'],
    [['users', 'list', '--jsno'], 'Did you mean --json?'],
  ])('says what may have been meant by %j', async (args, hint) => {
    const { code, err } = await run(...args);
    expect([code, err]).toEqual([1, expect.stringContaining(hint)]);
  });

  it('says so where there is nothing', async () => {
    await drive.signUp('empty');
    expect((await run('files', 'list', '--user', 'empty')).out).toBe('No files\n');
    expect((await run('files', 'list', '--user', 'empty', '--json')).out).toBe('');
    expect((await run('storage', 'removals')).out).toBe('No removals wait\n');
  });
});
