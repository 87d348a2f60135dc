import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

interface SessionRow {
  id: string;
  userId: number;
  createdAt: number;
  expiresAt: number;
  lastSeenAt: number;
  userAgent: string;
}

const sessionsOf = (username: string) =>
  drive.probe.rows<SessionRow>(
    'SELECT s.* FROM sessions s JOIN users u ON u.id = s.userId WHERE u.username = ? ORDER BY s.createdAt, s.id',
    [username],
  );
const idOf = (client: Client): string => JSON.parse(atob(client.token!.split('.')[1]!)).jti;
const statusOf = async (client: Client) => (await client.get('/api/user/sessions')).status;

const drive = driveFixture();

describe('a session', () => {
  it.each([
    ['POST', '/api/logout'],
    ['GET', '/api/user/sessions'],
    ['DELETE', '/api/user/sessions/2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d'],
  ])('needs a token: %s %s', async (method, path) => {
    const { status, body, headers } = await drive.anonymous().request(path, { method });
    expect({ status, error: body.error }).toEqual({ status: 401, error: 'User not authenticated' });
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('ends by log-out, and only that one', async () => {
    const phone = await drive.signUp('two.devices');
    const laptop = await drive.anonymous().logIn('two.devices');
    expect(await phone.request('/api/logout', { method: 'POST' })).toMatchObject({
      status: 200,
      body: { message: 'Logged out' },
    });
    expect([await statusOf(phone), await statusOf(laptop)]).toEqual([401, 200]);
    expect((await sessionsOf('two.devices')).map(({ id }) => id)).toEqual([idOf(laptop)]);
  });

  it('is listed to its user, with the others of the user that live', async () => {
    const [first, stranger] = [await drive.signUp('lister'), await drive.signUp('stranger')];
    const second = await drive.anonymous().logIn('lister');
    const expired = await drive.anonymous().logIn('lister');
    await drive.probe.run('UPDATE sessions SET expiresAt = ? WHERE id = ?', [Date.now(), idOf(expired)]);
    await drive.probe.run('UPDATE sessions SET createdAt = createdAt - 1000 WHERE id = ?', [idOf(first)]);
    const { status, body } = await first.get('/api/user/sessions');
    expect(status).toBe(200);
    const stored = new Map((await sessionsOf('lister')).map((row) => [row.id, row]));
    const entry = (id: string, current: boolean) => ({
      id,
      createdAt: new Date(stored.get(id)!.createdAt).toISOString(),
      expiresAt: new Date(stored.get(id)!.expiresAt).toISOString(),
      lastSeenAt: new Date(stored.get(id)!.lastSeenAt).toISOString(),
      userAgent: 'node',
      current,
    });
    expect(body).toEqual({ sessions: [entry(idOf(second), false), entry(idOf(first), true)] });
    expect((await stranger.get('/api/user/sessions')).body.sessions).toHaveLength(1);
  });

  it('can be ended by its user from elsewhere, and by nobody else', async () => {
    const [phone, bob] = [await drive.signUp('owner.a'), await drive.signUp('owner.b')];
    const laptop = await drive.anonymous().logIn('owner.a');
    for (const id of [idOf(phone), '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d', '1', 'abc', '%00', "'%20OR%201=1"]) {
      const answer = await bob.delete(`/api/user/sessions/${id}`);
      expect(answer).toMatchObject({ status: 404, body: { error: 'Session not found' } });
    }
    expect([await statusOf(phone), await statusOf(bob)]).toEqual([200, 200]);
    const path = `/api/user/sessions/${idOf(phone)}`;
    expect(await laptop.delete(path)).toMatchObject({ status: 200, body: { message: 'Session ended' } });
    expect([await statusOf(phone), await statusOf(laptop)]).toEqual([401, 200]);
    expect((await laptop.delete(path)).status).toBe(404);
    expect((await sessionsOf('owner.a')).map(({ id }) => id)).toEqual([idOf(laptop)]);
  });

  it('is dead when it has expired, and at once when its user is disabled', async () => {
    const [expired, disabled] = [await drive.signUp('expired'), await drive.signUp('dismissed')];
    expect([await statusOf(expired), await statusOf(disabled)]).toEqual([200, 200]);
    await drive.probe.run('UPDATE sessions SET expiresAt = ? WHERE id = ?', [Date.now() - 1, idOf(expired)]);
    await drive.probe.run('UPDATE users SET disabled = 1 WHERE username = ?', ['dismissed']);
    expect([await statusOf(expired), await statusOf(disabled)]).toEqual([401, 401]);
  });
});

describe('lastSeenAt', () => {
  const lastSeen = async (client: Client) => {
    const [row] = await drive.probe.rows<SessionRow>('SELECT * FROM sessions WHERE id = ?', [idOf(client)]);
    return row!.lastSeenAt;
  };
  const set = (client: Client, time: number) =>
    drive.probe.run('UPDATE sessions SET lastSeenAt = ? WHERE id = ?', [time, idOf(client)]);

  it('is refreshed after a minute, and not before', async () => {
    const [idle, busy] = [await drive.signUp('idle'), await drive.signUp('busy')];
    const [longAgo, justNow] = [Date.now() - 61_000, Date.now() - 50_000];
    await set(idle, longAgo);
    await set(busy, justNow);
    const begin = Date.now();
    expect(await statusOf(busy)).toBe(200);
    expect(await statusOf(idle)).toBe(200);
    await expect.poll(() => lastSeen(idle)).toBeGreaterThanOrEqual(begin);
    expect(await lastSeen(busy)).toBe(justNow);
  });

  it('does not fail the request when it cannot be written, and is written by a later one', async () => {
    const client = await drive.signUp('unlucky');
    const longAgo = Date.now() - 61_000;
    await set(client, longAgo);
    const lift = await drive.probe.plantFault('UPDATE', 'sessions');
    for (let i = 0; i < 3; i++) expect(await statusOf(client)).toBe(200);
    expect(await lastSeen(client)).toBe(longAgo);
    await lift();
    await expect.poll(async () => [await statusOf(client), await lastSeen(client)]).not.toEqual([200, longAgo]);
  });
});
