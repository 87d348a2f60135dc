import { describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { published } from '../support/published.js';

interface SessionRow {
  id: string;
  userId: number;
  createdAt: number;
  expiresAt: number;
  lastSeenAt: number;
  userAgent: string;
}

const logIn = (username: unknown, password: unknown, headers: Record<string, string> = {}) =>
  drive.anonymous().request('/api/login', {
    method: 'POST',
    body: JSON.stringify({ username, password }),
    headers: { 'content-type': 'application/json', ...headers },
  });
const sessionsOf = (username: string) =>
  drive.probe.rows<SessionRow>(
    'SELECT s.* FROM sessions s JOIN users u ON u.id = s.userId WHERE u.username = ? ORDER BY s.createdAt, s.id',
    [username],
  );
const idOf = (client: Client): string => JSON.parse(atob(client.token!.split('.')[1]!)).jti;

const drive = driveFixture();

describe('POST /api/login', () => {
  it('opens a session and gives its token', async () => {
    await drive.signUp('opener');
    const begin = Date.now();
    const { status, body } = await logIn('OPENER', PASSWORD, { 'user-agent': `tests ${'x'.repeat(300)}` });
    const [row] = (await sessionsOf('opener')).filter(({ userAgent }) => userAgent.startsWith('tests'));
    const expiresAt = new Date(row!.expiresAt).toISOString();
    const user = { id: row!.userId, username: 'opener', email: 'opener@example.org', name: 'opener', role: 'user' };
    expect(status).toBe(200);
    expect(body).toEqual({ message: 'Login successful', token: expect.any(String), expiresAt, user });
    expect(row!.expiresAt - row!.createdAt).toBeGreaterThan(24 * 3_600_000 - 1000);
    expect(row!.expiresAt - row!.createdAt).toBeLessThanOrEqual(24 * 3_600_000);
    expect(row!.createdAt).toBeGreaterThanOrEqual(begin);
    expect(row!.userAgent).toHaveLength(255);
  });

  it('answers the same to a wrong password, an unknown user, an impossible one and a disabled one', async () => {
    await drive.signUp('somebody');
    await drive.signUp('disabled');
    await drive.probe.run('UPDATE users SET disabled = 1 WHERE username = ?', ['disabled']);
    const answers = await Promise.all([
      logIn('somebody', 'not the password'),
      logIn('somebody', ''),
      logIn('nobody.here', PASSWORD),
      logIn('../x', PASSWORD),
      logIn('', PASSWORD),
      logIn('x'.repeat(10_000), PASSWORD),
      logIn('disabled', PASSWORD),
    ]);
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({
        status: 401,
        body: { ...published('Invalid username or password'), requestId: expect.any(String) },
      });
    }
    expect(await sessionsOf('somebody')).toHaveLength(1);
  });

  it('takes the same time for an unknown user as for a wrong password', async () => {
    await drive.signUp('timed');
    const times = { timed: [] as number[], 'no.such.user': [] as number[] };
    for (let round = 0; round < 9; round++) {
      for (const username of ['timed', 'no.such.user'] as const) {
        const begin = performance.now();
        await logIn(username, 'not the password');
        times[username].push(performance.now() - begin);
      }
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[4]!;
    expect(median(times['no.such.user'])).toBeGreaterThan(median(times.timed) / 2);
    expect(median(times['no.such.user'])).toBeLessThan(median(times.timed) * 2);
  });

  it.each([
    [undefined, PASSWORD],
    ['alice', undefined],
    [1, PASSWORD],
    ['alice', ['x']],
    [{}, {}],
  ])('refuses what is no text: %j and %j', async (username, password) => {
    expect((await logIn(username, password)).status).toBe(400);
  });

  it('removes the expired sessions of the user, and of nobody else', async () => {
    const [one, other] = [await drive.signUp('forgetful'), await drive.signUp('bystander')];
    await drive.probe.run('UPDATE sessions SET expiresAt = ? WHERE id IN (?, ?)', [Date.now(), idOf(one), idOf(other)]);
    const again = await drive.anonymous().logIn('forgetful');
    expect((await sessionsOf('forgetful')).map(({ id }) => id)).toEqual([idOf(again)]);
    expect(await sessionsOf('bystander')).toHaveLength(1);
  });
});

describe('the limit on failed log-ins', () => {
  it('refuses the 11th for a name, also from behind another X-Forwarded-For and with the right password', async () => {
    await drive.signUp('guessed');
    for (let i = 0; i < 10; i++) expect((await logIn('Guessed', `guess ${i}`)).status).toBe(401);
    for (const [password, address] of [
      ['guess 11', ''],
      ['guess 12', '203.0.113.9'],
      [PASSWORD, '203.0.113.10'],
    ] as const) {
      const { status, body, headers } = await logIn('guessed', password, { 'x-forwarded-for': address });
      expect({ status, error: body.error }).toEqual({ status: 429, error: 'Too many requests' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(800);
    }
    expect(await sessionsOf('guessed')).toHaveLength(1);
    expect((await logIn('another', 'guess')).status).toBe(401);
  });

  it('counts guesses that are sent side by side', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => logIn('parallel', `guess ${i}`)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(20).fill(429)]);
  });

  it('does not count log-ins that succeed', async () => {
    await drive.signUp('diligent');
    for (let i = 0; i < 9; i++) expect((await logIn('diligent', `guess ${i}`)).status).toBe(401);
    for (let i = 0; i < 12; i++) expect((await logIn('diligent', PASSWORD)).status).toBe(200);
    expect((await logIn('diligent', 'guess 10')).status).toBe(401);
    expect((await logIn('diligent', 'guess 11')).status).toBe(429);
  });

  it('counts the right password of a disabled account as wrong', async () => {
    await drive.signUp('locked.out');
    await drive.probe.run('UPDATE users SET disabled = 1 WHERE username = ?', ['locked.out']);
    for (let i = 0; i < 10; i++) expect((await logIn('locked.out', PASSWORD)).status).toBe(401);
    expect((await logIn('locked.out', PASSWORD)).status).toBe(429);
  });

  it('counts by the client behind a trusted proxy, and an IPv6 network as one', async () => {
    const proxied = await Drive.start({ TRUSTED_PROXIES: '127.0.0.0/8', LOGIN_LIMIT: '2/15m' });
    const from = async (address: string) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
      const body = JSON.stringify({ username: 'alice', password: 'guess' });
      return (await proxied.anonymous().request('/api/login', { method: 'POST', body, headers })).status;
    };
    for (const status of [401, 401, 429]) expect(await from('203.0.113.9')).toBe(status);
    expect(await from('203.0.113.10')).toBe(401);
    for (const [address, status] of [
      ['2001:db8::1', 401],
      ['2001:db8::2', 401],
      ['2001:db8::3', 429],
    ] as const) {
      expect(await from(address)).toBe(status);
    }
    await proxied.destroy();
  });
});
