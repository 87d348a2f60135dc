import { describe, expect, it } from 'vitest';
import { Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

const NEW_PASSWORD = 'a much better one, this time';

const drive = driveFixture();

const change = (client: Client, currentPassword: unknown, newPassword: unknown, fields = {}) =>
  client.put('/api/user/password', { currentPassword, newPassword, ...fields });
const statusOf = async (client: Client) => (await client.get('/api/user/limits')).status;
const logInStatus = async (username: string, password: string) =>
  (await drive.anonymous().post('/api/login', { username, password })).status;
const stored = async (username: string) => {
  const [user] = await drive.probe.rows<{ id: number; passwordHash: string }>(
    'SELECT id, passwordHash FROM users WHERE username = ?',
    [username],
  );
  const sessions = await drive.probe.rows<{ id: string }>('SELECT id FROM sessions WHERE userId = ? ORDER BY id', [
    user!.id,
  ]);
  return { passwordHash: user!.passwordHash, sessions: sessions.map(({ id }) => id) };
};

describe('PUT /api/user/password', () => {
  it('asks for a token, before it looks at the body', async () => {
    const answer = await change(drive.anonymous(), 1, 2);
    expect(answer).toMatchObject({ status: 401, body: { error: 'User not authenticated' } });
  });

  it('replaces the password, ends every session and answers as log-in does', async () => {
    const phone = await drive.signUp('alice');
    const laptop = await drive.anonymous().logIn('alice');
    const bystander = await drive.signUp('bystander');
    const before = await stored('alice');
    const { status, body } = await change(phone, PASSWORD, NEW_PASSWORD);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        message: 'Login successful',
        token: expect.any(String),
        expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
        user: { id: expect.any(Number), username: 'alice', email: 'alice@example.org', name: 'alice', role: 'user' },
      },
    });
    const renewed = new Client(drive.url, body.token);
    expect([await statusOf(phone), await statusOf(laptop), await statusOf(renewed)]).toEqual([401, 401, 200]);
    expect(await statusOf(bystander)).toBe(200);
    const after = await stored('alice');
    expect(after.passwordHash).toMatch(/^\$argon2id\$/);
    expect(after.passwordHash).not.toBe(before.passwordHash);
    expect(after.sessions).toHaveLength(1);
    expect(before.sessions).not.toContain(after.sessions[0]);
    expect(await logInStatus('alice', PASSWORD)).toBe(401);
    expect(await logInStatus('alice', NEW_PASSWORD)).toBe(200);
  });

  it.each([
    [401, 'not the password', NEW_PASSWORD, {}],
    [401, '', NEW_PASSWORD, {}],
    [400, PASSWORD, '1234567', {}],
    [400, PASSWORD, 'x'.repeat(129), {}],
    [400, PASSWORD, undefined, {}],
    [400, undefined, NEW_PASSWORD, {}],
    [400, 12345678, NEW_PASSWORD, {}],
    [400, PASSWORD, NEW_PASSWORD, { username: 'bystander' }],
  ])('answers %i to %j and %j with %j, and nothing has changed', async (expected, current, next, fields) => {
    const username = `unchanged${Math.random().toString(36).slice(2)}`;
    const client = await drive.signUp(username);
    const before = await stored(username);
    const { status, body } = await change(client, current, next, fields);
    expect(status).toBe(expected);
    if (status === 401) expect(body.error).toBe('Invalid username or password');
    expect(await stored(username)).toEqual(before);
    expect(await statusOf(client)).toBe(200);
  });

  it('is throttled like log-in, and together with it', async () => {
    const client = await drive.signUp('hijacked');
    for (let i = 0; i < 5; i++) expect((await change(client, `guess ${i}`, NEW_PASSWORD)).status).toBe(401);
    for (let i = 0; i < 5; i++) expect(await logInStatus('hijacked', `guess ${i}`)).toBe(401);
    const { status, headers } = await change(client, PASSWORD, NEW_PASSWORD);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(800);
    expect(await logInStatus('hijacked', PASSWORD)).toBe(429);
  });

  it('lets one of two changes at once win, and leaves one session', async () => {
    const client = await drive.signUp('twice');
    const answers = await Promise.all([
      change(client, PASSWORD, 'the first new one'),
      change(client, PASSWORD, 'the second new one'),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    const winner = answers.find(({ status }) => status === 200)!;
    expect(await statusOf(new Client(drive.url, winner.body.token))).toBe(200);
    expect((await stored('twice')).sessions).toHaveLength(1);
  });

  it('leaves no session to log-ins with the old password that ran beside it', async () => {
    const client = await drive.signUp('raced');
    const [changed, ...logIns] = await Promise.all([
      change(client, PASSWORD, NEW_PASSWORD),
      ...Array.from({ length: 8 }, () =>
        drive.anonymous().post('/api/login', { username: 'raced', password: PASSWORD }),
      ),
    ]);
    expect(changed.status).toBe(200);
    for (const { status } of logIns) expect([200, 401]).toContain(status);
    const { jti } = JSON.parse(atob(changed.body.token.split('.')[1]));
    expect((await stored('raced')).sessions).toEqual([jti]);
  });

  it('changes nothing when the database fails half-way', async () => {
    const client = await drive.signUp('interrupted');
    const before = await stored('interrupted');
    const lift = await drive.probe.plantFault('DELETE', 'sessions');
    expect((await change(client, PASSWORD, NEW_PASSWORD)).status).toBe(500);
    await lift();
    expect(await stored('interrupted')).toEqual(before);
    expect(await statusOf(client)).toBe(200);
    expect(await logInStatus('interrupted', PASSWORD)).toBe(200);
  });
});
