import { describe, expect, it } from 'vitest';
import { type Client, cookieOf, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { type SessionRow, sessionsIn } from '../support/sessions.js';

const drive = driveFixture();

const DAY = 24 * 3600 * 1000;
const sessionsOf = (username: string) => sessionsIn(drive, username);
const secretOf = (client: Client) => client.headers.cookie!.split('=')[1]!;
const statusOf = async (client: Client) => (await client.get('/api/user/sessions')).status;

async function browser(username: string): Promise<Client> {
  await drive.signUp(username);
  await drive.probe.run('DELETE FROM sessions WHERE userId = (SELECT id FROM users WHERE username = ?)', [username]);
  return drive.anonymous().openSession(username);
}

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
      sha256(secretOf(client)),
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
