import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, cookieOf, PASSWORD } from '../support/client.js';
import { Drive } from '../support/drive.js';

interface SessionRow {
  id: string;
  secretHash: string | null;
  createdAt: number;
  expiresAt: number;
  lastSeenAt: number;
}

let drive: Drive;
beforeAll(async () => void (drive = await Drive.start()));
afterAll(() => drive?.destroy());

const DAY = 24 * 3600 * 1000;
const sessionsOf = (username: string) =>
  drive.probe.rows<SessionRow>(
    'SELECT s.* FROM sessions s JOIN users u ON u.id = s.userId WHERE u.username = ? ORDER BY s.createdAt, s.id',
    [username],
  );
const secretOf = (client: Client) => client.headers.cookie!.split('=')[1]!;
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const statusOf = async (client: Client) => (await client.get('/api/user/sessions')).status;
const REFUSED = { status: 403, body: { error: 'Cross-site request refused' } };

async function browser(username: string): Promise<Client> {
  await drive.signUp(username);
  await drive.probe.run('DELETE FROM sessions WHERE userId = (SELECT id FROM users WHERE username = ?)', [username]);
  return drive.anonymous().openSession(username);
}

describe('POST /api/session', () => {
  it('answers with no secret but in the cookie, and keeps only its hash', async () => {
    const { body: account } = await (await drive.signUp('alice')).get('/api/user');
    const answer = await drive.anonymous().post('/api/session', { username: 'Alice', password: PASSWORD });
    const { name, email, id } = account.user;
    expect(answer).toMatchObject({
      status: 200,
      body: { message: 'Login successful', expiresAt: expect.any(String) },
    });
    expect(answer.body.user).toEqual({ id, username: 'alice', email, name, role: 'user' });
    expect(Object.keys(answer.body).toSorted()).toEqual(['expiresAt', 'message', 'user']);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^defdrive=[\w-]{43}; Max-Age=(2592000|25919\d\d); Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    const secret = cookieOf(answer.headers).split('=')[1]!;
    const row = (await sessionsOf('alice')).at(-1)!;
    expect(row.secretHash).toBe(hashOf(secret));
    expect(JSON.stringify(await drive.probe.rows('SELECT * FROM sessions'))).not.toContain(secret);
    expect(Date.parse(answer.body.expiresAt) - row.createdAt).toBeGreaterThan(30 * DAY - 2000);
  });

  it('refuses as log-in does, and counts with it', async () => {
    const limited = await Drive.start({ LOGIN_LIMIT: '3/15m' });
    try {
      await limited.signUp('carol');
      const wrong = (path: string) => limited.anonymous().post(path, { username: 'carol', password: 'not this one' });
      for (const path of ['/api/session', '/api/login', '/api/session'])
        expect(await wrong(path)).toMatchObject({ status: 401, body: { error: 'Invalid username or password' } });
      for (const path of ['/api/session', '/api/login']) {
        const { status, headers } = await wrong(path);
        expect([status, headers.get('set-cookie')]).toEqual([429, null]);
      }
      expect((await limited.anonymous().post('/api/session', { username: 'x' })).status).toBe(400);
    } finally {
      await limited.destroy();
    }
  });

  it("is not done for another site's page", async () => {
    const client = drive.anonymous();
    const body = { username: 'alice', password: PASSWORD };
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ])
      expect(await client.with(headers).post('/api/session', body)).toMatchObject(REFUSED);
    expect((await client.with({ 'sec-fetch-site': 'same-origin' }).post('/api/session', body)).status).toBe(200);
    expect((await client.with({ origin: drive.url }).post('/api/session', body)).status).toBe(200);
  });

  it('gives a cookie that only https carries, and only for this host, where the drive is at https', async () => {
    const secure = await Drive.start({ PUBLIC_URL: 'https://drive.example.org' });
    const at = `http://127.0.0.1:${secure.config.port}`;
    try {
      const headers = { 'content-type': 'application/json' };
      const post = (path: string, body: unknown) =>
        fetch(at + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const account = { username: 'dora', password: PASSWORD, email: 'dora@example.org', name: 'Dora' };
      expect((await post('/api/signup', account)).status).toBe(200);
      const answer = await post('/api/session', account);
      expect(answer.status).toBe(400);
      const opened = await post('/api/session', { username: 'dora', password: PASSWORD });
      expect(opened.headers.getSetCookie()).toEqual([
        expect.stringMatching(
          /^__Host-defdrive=[\w-]{43}; Max-Age=(2592000|25919\d\d); Path=\/; HttpOnly; Secure; SameSite=Strict$/,
        ),
      ]);
      const secret = cookieOf(opened.headers).split('=')[1]!;
      const asks = (cookie: string) => fetch(`${at}/api/user`, { headers: { cookie } });
      expect((await asks(`__Host-defdrive=${secret}`)).status).toBe(200);
      expect((await asks(`defdrive=${secret}`)).status).toBe(401);
      const change = (origin: string) =>
        fetch(`${at}/api/user`, {
          method: 'PATCH',
          headers: { ...headers, cookie: `__Host-defdrive=${secret}`, origin },
          body: '{}',
        });
      expect((await change('https://drive.example.org')).status).toBe(200);
      expect((await change(at)).status).toBe(200);
      expect((await change('https://drive.example.org:8443')).status).toBe(403);
    } finally {
      await secure.destroy();
    }
  });
});

describe("a browser's session", () => {
  it('opens what a token opens, and is listed as the current one', async () => {
    const client = await browser('erin');
    expect((await client.upload('a.txt')).status).toBe(200);
    expect((await client.get('/api/files')).body.files).toHaveLength(1);
    const phone = await drive.anonymous().logIn('erin');
    const { body } = await client.get('/api/user/sessions');
    expect(body.sessions.map((session: { current: boolean }) => session.current).toSorted()).toEqual([false, true]);
    const other = body.sessions.find((session: { current: boolean }) => !session.current);
    expect(await client.delete(`/api/user/sessions/${other.id}`)).toMatchObject({ status: 200 });
    expect([await statusOf(client), await statusOf(phone)]).toEqual([200, 401]);
  });

  it('slides with its use, at most once a minute, and the browser hears of it', async () => {
    const client = await browser('frank');
    const [{ id, expiresAt }] = (await sessionsOf('frank')) as [SessionRow];
    expect((await client.get('/api/user')).headers.get('set-cookie')).toBeNull();
    const longAgo = Date.now() - 61_000;
    await drive.probe.run('UPDATE sessions SET lastSeenAt = ?, expiresAt = ? WHERE id = ?', [
      longAgo,
      expiresAt - DAY,
      id,
    ]);
    const answer = await client.get('/api/user');
    expect(cookieOf(answer.headers)).toBe(client.headers.cookie);
    expect(answer.headers.get('set-cookie')).toMatch(/Max-Age=(2592000|25919\d\d)/);
    const row = async () => (await sessionsOf('frank'))[0]!;
    await expect.poll(async () => (await row()).expiresAt).toBeGreaterThanOrEqual(expiresAt);
    expect((await row()).lastSeenAt).toBeGreaterThan(longAgo);
    expect((await client.get('/api/user')).headers.get('set-cookie')).toBeNull();
  });

  it('is dead when it has not been used for SESSION_TTL', async () => {
    const client = await browser('grace');
    await drive.probe.run('UPDATE sessions SET expiresAt = ? WHERE secretHash = ?', [
      Date.now(),
      hashOf(secretOf(client)),
    ]);
    expect(await statusOf(client)).toBe(401);
  });

  it('dies at once with its log-out, which makes the browser forget the cookie', async () => {
    const client = await browser('heidi');
    const { status, headers, body } = await client.request('/api/logout', { method: 'POST' });
    expect([status, body]).toEqual([200, { message: 'Logged out' }]);
    expect(headers.getSetCookie()).toEqual(['defdrive=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict']);
    expect([await statusOf(client), await sessionsOf('heidi')]).toEqual([401, []]);
  });

  it('dies with a password change, whose answer is a new one, and never a token', async () => {
    const client = await browser('ivan');
    const second = await drive.anonymous().openSession('ivan');
    const answer = await client.put('/api/user/password', { currentPassword: PASSWORD, newPassword: 'another one' });
    expect(answer).toMatchObject({ status: 200, body: { message: 'Login successful', user: { username: 'ivan' } } });
    expect(answer.body).not.toHaveProperty('token');
    expect([await statusOf(client), await statusOf(second)]).toEqual([401, 401]);
    expect(await statusOf(client.with({ cookie: cookieOf(answer.headers) }))).toBe(200);
    const token = await drive.anonymous().logIn('ivan', 'another one');
    const change = { currentPassword: 'another one', newPassword: PASSWORD };
    const withToken = await token.put('/api/user/password', change);
    expect([withToken.body.token, withToken.headers.get('set-cookie')]).toEqual([expect.any(String), null]);
  });

  it('dies at once when its user is disabled', async () => {
    const client = await browser('judy');
    await drive.probe.run('UPDATE users SET disabled = 1 WHERE username = ?', ['judy']);
    expect(await statusOf(client)).toBe(401);
  });

  it.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(100_000)}`, '%00', '"'])('is not made up: %.50s', async (value) => {
    const { status, body } = await drive
      .anonymous()
      .with({ cookie: `defdrive=${value}` })
      .get('/api/user')
      .catch(() => ({ status: 431, body: { error: 'User not authenticated' } }));
    expect([401, 431]).toContain(status);
    if (status === 401) expect(body.error).toBe('User not authenticated');
  });

  it('is not looked at beside an Authorization header', async () => {
    const client = await browser('kate');
    for (const authorization of ['Bearer nonsense', 'Basic a2F0ZTpwdw==', '', 'x'])
      expect(await statusOf(client.with({ authorization }))).toBe(401);
  });
});

describe('a user', () => {
  it('has at most 100 sessions: a log-in beyond them ends the one that was used least recently', async () => {
    const first = await browser('olivia');
    const second = await drive.anonymous().logIn('olivia');
    const [{ id }] = (await sessionsOf('olivia')) as [SessionRow];
    const [{ id: userId }] = (await drive.probe.rows("SELECT id FROM users WHERE username = 'olivia'")) as [
      { id: number },
    ];
    const now = Date.now();
    for (let i = 0; i < 120; i++)
      await drive.probe.run(
        "INSERT INTO sessions (id, userId, createdAt, expiresAt, lastSeenAt, userAgent) VALUES (?, ?, ?, ?, ?, '')",
        [crypto.randomUUID(), userId, now, now + DAY, now - 1000 - i],
      );
    await drive.probe.run('UPDATE sessions SET lastSeenAt = ? WHERE id = ?', [now - DAY, id]);
    const third = await drive.anonymous().logIn('olivia');
    expect(await sessionsOf('olivia')).toHaveLength(100);
    expect([await statusOf(first), await statusOf(second), await statusOf(third)]).toEqual([401, 200, 200]);
    await drive.anonymous().openSession('olivia');
    expect(await sessionsOf('olivia')).toHaveLength(100);
  });
});
