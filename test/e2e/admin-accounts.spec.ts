import { hostname } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

let root: Client;
const drive = driveFixture({ SIGNUP_LIMIT: '1000/1h' });
beforeAll(async () => {
  root = await drive.signUp('root');
  await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'root'");
});

interface UserRow {
  id: number;
  role: string;
  disabled: number;
  name: string;
  email: string;
  maxFiles: number;
  passwordHash: string;
}
const row = async (username: string) =>
  (await drive.probe.rows<UserRow>('SELECT * FROM users WHERE username = ?', [username]))[0]!;
const path = async (username: string) => `/api/admin/users/${(await row(username)).id}`;
const LAST = { status: 409, body: { error: 'The last admin cannot be removed', code: 'last_admin' } };

describe('POST /api/admin/users', () => {
  it('makes an account that can log in, with role and limits', async () => {
    const account = { username: 'Made', password: PASSWORD, email: 'made@example.org', name: 'Made' };
    const { status, body } = await root.post('/api/admin/users', { ...account, role: 'admin', maxFiles: 3 });
    const { id } = await row('made');
    expect([status, body]).toEqual([
      200,
      {
        message: 'User created successfully',
        user: {
          ...{ id, username: 'made', email: 'made@example.org', name: 'Made', role: 'admin', disabled: false },
          ...{ maxFiles: 3, maxStorage: 1073741824, currentFiles: 0, currentStorage: 0 },
          ...{ remainingFiles: 3, remainingStorage: 1073741824, createdAt: expect.any(String) },
        },
      },
    ]);
    const made = await drive.anonymous().logIn('made');
    expect((await made.get('/api/admin/users')).status).toBe(200);
    expect((await root.post('/api/admin/users', account)).body.error).toBe('Username already taken');
    await root.delete(await path('made'));
  });

  it.each([
    [{ role: 'king' }, 'role must be one of user, admin'],
    [{ maxFiles: -1 }, 'Max files cannot be negative'],
    [{ maxStorage: -1 }, 'Max storage cannot be negative'],
    [{ maxFiles: 2147483648 }, 'maxFiles must not be greater than 2147483647'],
    [{ password: 'short' }, 'password must be text of 8 to 128 characters'],
    [{ disabled: true }, 'property disabled should not exist'],
  ])('refuses %j, and nothing is made', async (fields, error) => {
    const account = { username: 'nobody', password: PASSWORD, email: 'nobody@example.org', name: 'Nobody' };
    const answer = await root.post('/api/admin/users', { ...account, ...fields });
    expect([answer.status, answer.body.error]).toEqual([400, error]);
    expect(await row('nobody')).toBeUndefined();
  });
});

describe('GET /api/admin/users', () => {
  it('lists with usage, in pages, and finds a part of a name or an address in any case', async () => {
    const zoe = await drive.signUp('zoe');
    await zoe.file('a.txt', '12345');
    await zoe.patch('/api/user', { name: 'Zoe Zauberer' });
    const { body } = await root.get('/api/admin/users?q=ZAUBER');
    expect(body).toMatchObject({ nextCursor: null, users: [{ username: 'zoe', currentFiles: 1, currentStorage: 5 }] });
    expect(body.users).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain('argon2');
    expect((await root.get('/api/admin/users?q=zoe@EXAMPLE')).body.users).toHaveLength(1);
    expect((await root.get('/api/admin/users?q=%25')).body.users).toEqual([]);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Record<string, any> = (
        await root.get(`/api/admin/users?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).body;
      seen.push(...page.users.map((user: { username: string }) => user.username));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(
      (await drive.probe.rows('SELECT username FROM users ORDER BY id')).map((user) => user.username),
    );
    for (const query of ['limit=0', 'limit=201', 'cursor=x', 'cursor=W10', 'q=a&q=b'])
      expect((await root.get(`/api/admin/users?${query}`)).status).toBe(400);
  });
});

describe('PATCH /api/admin/users/:userId', () => {
  it('changes what is given and nothing else', async () => {
    await drive.signUp('pat');
    const before = await row('pat');
    const answer = await root.patch(await path('pat'), { name: 'Patricia', maxFiles: 0 });
    expect(answer).toMatchObject({ status: 200, body: { message: 'User updated successfully' } });
    expect(answer.body.user).toMatchObject({ name: 'Patricia', maxFiles: 0, email: 'pat@example.org', role: 'user' });
    expect(await row('pat')).toEqual({ ...before, name: 'Patricia', maxFiles: 0 });
  });

  it('shuts a user out at once, and lets him in again', async () => {
    const quin = await drive.signUp('quin');
    expect((await root.patch(await path('quin'), { disabled: true })).body.user.disabled).toBe(true);
    expect((await quin.get('/api/user')).status).toBe(401);
    expect((await root.patch(await path('quin'), { disabled: false })).body.user.disabled).toBe(false);
    expect((await quin.get('/api/user')).status, 'the old session has ended').toBe(401);
    expect((await (await drive.anonymous().logIn('quin')).get('/api/user')).status).toBe(200);
  });

  it('sets a new password and ends every session', async () => {
    const rita = await drive.signUp('rita');
    expect((await root.patch(await path('rita'), { password: 'short' })).status).toBe(400);
    expect((await rita.get('/api/user')).status).toBe(200);
    expect((await root.patch(await path('rita'), { password: 'a whole new one' })).status).toBe(200);
    expect((await rita.get('/api/user')).status).toBe(401);
    expect((await drive.anonymous().logIn('rita', 'a whole new one')).username).toBe('rita');
  });

  it('is for admins, and for users who are there', async () => {
    const sam = await drive.signUp('sam');
    expect((await sam.patch(await path('root'), { disabled: true })).body.error).toBe('Admin access required');
    expect((await root.patch('/api/admin/users/2147483647', {})).status).toBe(404);
    expect((await root.patch('/api/admin/users/1e3', {})).status).toBe(400);
  });
});

describe('the last admin', () => {
  it('cannot be demoted, shut out or removed', async () => {
    const before = await row('root');
    expect(await root.patch(await path('root'), { role: 'user' })).toMatchObject(LAST);
    expect(await root.patch(await path('root'), { disabled: true, name: 'x' })).toMatchObject(LAST);
    expect(await root.delete(await path('root'))).toMatchObject(LAST);
    const own = await root.request('/api/user', {
      method: 'DELETE',
      body: JSON.stringify({ password: PASSWORD }),
      headers: { 'content-type': 'application/json' },
    });
    expect(own).toMatchObject(LAST);
    expect(await row('root')).toEqual(before);
    expect((await root.get('/api/user')).status).toBe(200);
  });

  it('stays, also when two admins demote each other at once', async () => {
    for (let round = 0; round < 5; round++) {
      const other = await drive.signUp(`rival.${round}`);
      await root.patch(await path(`rival.${round}`), { role: 'admin' });
      const [mine, theirs] = [await path('root'), await path(`rival.${round}`)];
      const answers = await Promise.all([root.patch(theirs, { role: 'user' }), other.patch(mine, { role: 'user' })]);
      const admins = await drive.probe.rows<{ username: string }>(
        "SELECT username FROM users WHERE role = 'admin' AND disabled = 0",
      );
      expect(admins).toHaveLength(1);
      expect(answers.map(({ status }) => status)).toContain(200);
      await drive.probe.run("UPDATE users SET role = 'user' WHERE username <> 'root'");
      await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'root'");
    }
  });

  it('is not the last where another one is, but for one who is shut out', async () => {
    const other = await drive.signUp('other.admin');
    await root.patch(await path('other.admin'), { role: 'admin', disabled: true });
    expect(await root.patch(await path('root'), { role: 'user' })).toMatchObject(LAST);
    await root.patch(await path('other.admin'), { disabled: false });
    expect((await root.patch(await path('other.admin'), { role: 'user' })).status).toBe(200);
    expect((await other.get('/api/user')).status).toBe(401);
  });
});

describe('GET /api/admin/overview', () => {
  it('tells what is there', async () => {
    const vera = await drive.signUp('vera');
    const { id } = await vera.file('a.txt', '1234567');
    await vera.post(`/api/files/${id}/accesses`, {});
    const { status, body } = await root.get('/api/admin/overview');
    const [counts] = await drive.probe.rows<Record<string, number>>(
      `SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM files) AS files,
        (SELECT SUM(size) FROM files) AS bytes, (SELECT COUNT(*) FROM accesses) AS accesses`,
    );
    const { users, files, bytes, accesses } = counts!;
    expect([status, body]).toEqual([
      200,
      {
        ...{ users, files, bytes: Number(bytes), accesses, removalsWaiting: 0, uploadsUnderWay: 0 },
        openToAnybody: false,
        storage: { kind: 'local', free: expect.any(Number) },
        database: { kind: expect.stringMatching(/^(sqlite|mariadb|mysql)$/), version: expect.stringMatching(/^\d/) },
        servers: [
          { id: expect.any(String), name: hostname(), startedAt: expect.any(String), seenAt: expect.any(String) },
        ],
      },
    ]);
    expect(body.storage.free).toBeGreaterThan(0);
    expect((await vera.get('/api/admin/overview')).body.error).toBe('Admin access required');
  });
});
