import { describe, expect, it } from 'vitest';
import { cookieOf, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive, sha256 } from '../support/drive.js';
import { sessionsIn } from '../support/sessions.js';

const drive = driveFixture();

const DAY = 24 * 3600 * 1000;
const REFUSED = { status: 403, body: { error: 'Cross-site request refused' } };

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
    const row = (await sessionsIn(drive, 'alice')).at(-1)!;
    expect(row.secretHash).toBe(sha256(secret));
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
