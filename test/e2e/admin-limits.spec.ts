import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

let boss: Client;
let alice: Client;
const ids = new Map<string, number>();

const drive = driveFixture();
beforeAll(async () => {
  boss = await drive.signUp('boss');
  alice = await drive.signUp('alice');
  for (let n = 1; n <= 5; n++) await drive.signUp(`user${n}`);
  await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'boss'");
  for (const { id, username } of await drive.probe.rows<{ id: number; username: string }>('SELECT * FROM users')) {
    ids.set(username, id);
  }
});

const limitsOf = async (username: string) => {
  const [row] = await drive.probe.rows('SELECT maxFiles, maxStorage FROM users WHERE username = ?', [username]);
  return row;
};
const told = ({ status, body }: { status: number; body: Record<string, unknown> }) => [status, body.error];
const path = (username: string) => `/api/admin/users/${ids.get(username)}/limits`;

describe('PUT /api/admin/users/:userId/limits', () => {
  it('sets both limits and says what they are now', async () => {
    const answer = await boss.put(path('user1'), { maxFiles: 7, maxStorage: 4096 });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        message: 'User limits updated successfully',
        user: { id: ids.get('user1'), username: 'user1', maxFiles: 7, maxStorage: 4096 },
      },
    ]);
    expect(await limitsOf('user1')).toEqual({ maxFiles: 7, maxStorage: 4096 });
  });

  it.each([
    [{ maxFiles: 0 }, { maxFiles: 0, maxStorage: 1073741824 }],
    [{ maxStorage: 9007199254740991 }, { maxFiles: 0, maxStorage: 9007199254740991 }],
    [{}, { maxFiles: 0, maxStorage: 9007199254740991 }],
  ])('leaves what is left out: %j', async (body, limits) => {
    expect((await boss.put(path('user2'), body)).status).toBe(200);
    expect(await limitsOf('user2')).toEqual(limits);
  });

  it('stops uploads at 0 files and deletes nothing below the usage', async () => {
    const client = await drive.anonymous().logIn('user3');
    const file = await client.file('a.txt');
    await boss.put(path('user3'), { maxFiles: 0, maxStorage: 1 });
    expect(told(await client.upload('b.txt'))).toEqual([403, 'File limit exceeded']);
    expect((await client.get(`/api/files/${file.id}`)).status).toBe(200);
    expect((await client.get('/api/user/limits')).body).toMatchObject({
      maxFiles: 0,
      currentFiles: 1,
      remainingFiles: 0,
      remainingStorage: 0,
    });
  });

  it.each([
    [{ maxFiles: -1 }, 'Max files cannot be negative'],
    [{ maxStorage: -1 }, 'Max storage cannot be negative'],
    [{ maxFiles: -1, maxStorage: -1 }, 'Max files cannot be negative'],
  ])('refuses %j with its own text', async (body, error) => {
    expect(told(await boss.put(path('user4'), body))).toEqual([400, error]);
    expect(await limitsOf('user4')).toEqual({ maxFiles: 1000, maxStorage: 1073741824 });
  });

  it.each([
    { maxFiles: '5' },
    { maxFiles: 1.5 },
    { maxFiles: null },
    { maxFiles: 2147483648 },
    { maxStorage: 9007199254740992 },
    { maxStorage: [] },
    { role: 'admin' },
    { maxFiles: 5, disabled: false },
    [],
  ])('refuses %j as a bad request', async (body) => {
    expect((await boss.put(path('user4'), body)).status).toBe(400);
    expect(await limitsOf('user4')).toEqual({ maxFiles: 1000, maxStorage: 1073741824 });
  });

  it.each(['abc', '-1', '0', '01', '1.5', '1e3', '0x1', '4294967296'])('refuses %s as an id', async (id) => {
    expect(told(await boss.put(`/api/admin/users/${id}/limits`, { maxFiles: 1 }))).toEqual([400, 'Invalid user ID']);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded'])('refuses a body that is no JSON: %s', async (type) => {
    const init = { method: 'PUT', body: '{"maxFiles":1}', headers: { 'content-type': type } };
    expect(told(await boss.request(path('alice'), init))).toEqual([400, 'Invalid request body']);
  });

  it('refuses null, which is no object', async () => {
    expect(told(await boss.put(path('alice'), null))).toEqual([400, 'Invalid request body']);
  });

  it('says that there is no such user, before it looks at the body', async () => {
    expect(told(await boss.put('/api/admin/users/2147483647/limits', { maxFiles: -1 }))).toEqual([
      404,
      'User not found',
    ]);
  });

  it('asks for a token, and for an admin', async () => {
    expect(told(await drive.anonymous().put(path('alice'), { maxFiles: 1 }))).toEqual([401, 'User not authenticated']);
    expect(told(await alice.put(path('alice'), { maxFiles: 1 }))).toEqual([403, 'Admin access required']);
    expect(await limitsOf('alice')).toEqual({ maxFiles: 1000, maxStorage: 1073741824 });
  });

  it('reads the role at each request', async () => {
    const client = await drive.anonymous().logIn('user5');
    expect((await client.get('/api/admin/users/limits')).status).toBe(403);
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'user5'");
    expect((await client.get('/api/admin/users/limits')).status).toBe(200);
    await drive.probe.run("UPDATE users SET role = 'user' WHERE username = 'user5'");
    expect((await client.get('/api/admin/users/limits')).status).toBe(403);
  });
});

describe('GET /api/admin/users/limits', () => {
  it('gives all users, page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await boss.get(`/api/admin/users/limits?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      expect(body.users.length).toBeLessThanOrEqual(3);
      seen.push(...body.users.map(({ username }: { username: string }) => username));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['boss', 'alice', 'user1', 'user2', 'user3', 'user4', 'user5']);
  });

  it('gives limits and usage, and nothing of the password', async () => {
    await alice.file('a.txt', 'twelve bytes');
    const { body } = await boss.get('/api/admin/users/limits');
    expect(body.nextCursor).toBeNull();
    expect(body.users[1]).toEqual({
      userId: ids.get('alice'),
      username: 'alice',
      email: 'alice@example.org',
      maxFiles: 1000,
      maxStorage: 1073741824,
      currentFiles: 1,
      currentStorage: 12,
      remainingFiles: 999,
      remainingStorage: 1073741812,
    });
  });

  it('asks for a token, and for an admin', async () => {
    expect(told(await drive.anonymous().get('/api/admin/users/limits'))).toEqual([401, 'User not authenticated']);
    expect(told(await alice.get('/api/admin/users/limits'))).toEqual([403, 'Admin access required']);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'limit=1&limit=2', 'cursor=x', 'cursor=MDE', 'sort=name'])(
    'refuses ?%s',
    async (query) => {
      expect((await boss.get(`/api/admin/users/limits?${query}`)).status).toBe(400);
    },
  );
});
