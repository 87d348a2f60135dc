import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

let alice: Client;
const drive = driveFixture({ LOGIN_LIMIT: '2/1h' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const run = (...args: string[]) => admin(drive.config, args);

describe('maintenance', () => {
  let fileId: number;
  let link: string;

  beforeAll(async () => {
    fileId = (await alice.file('a.txt', 'bytes')).id;
    await alice.put(`/api/files/${fileId}/access`, { public: true });
    const { body } = await alice.post(`/api/files/${fileId}/accesses`, { public: true });
    link = new URL(body.link).pathname;
    const { code, json } = await run('maintenance', 'on', '--reason', 'A new disk', '--retry-after', '5m', '--json');
    expect([code, json[0]]).toEqual([0, { maintenance: true, served: true, uploadsUnderWay: 0 }]);
  });

  it('refuses writes with 503 and Retry-After, and nothing changes', async () => {
    const answers = [
      await alice.upload('b.txt', 'b'),
      await alice.delete(`/api/files/${fileId}`),
      await alice.put(`/api/files/${fileId}/access`, { public: false }),
      await drive.anonymous().post('/api/signup', { username: 'bob' }),
      await alice.request('/api/uploads', {
        method: 'POST',
        headers: { 'tus-resumable': '1.0.0', 'upload-length': '1', 'upload-metadata': 'filename Yg==' },
      }),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('retry-after')]).toEqual([503, '300']);
      expect(body).toMatchObject({ error: 'Service unavailable', code: 'unavailable', maintenance: 'A new disk' });
    }
    expect(await drive.probe.rows('SELECT name, public FROM files')).toEqual([{ name: 'a.txt', public: 1 }]);
    expect(await drive.probe.rows('SELECT username FROM users')).toEqual([{ username: 'alice' }]);
  });

  it('who is not known, or may not, is told that first', async () => {
    expect((await drive.anonymous().delete(`/api/files/${fileId}`)).status).toBe(401);
    expect((await alice.patch('/api/admin/users/1', { role: 'admin' })).status).toBe(403);
  });

  it('reads, links and log-ins go on, also after a restart', async () => {
    await drive.restart();
    alice = await drive.anonymous().logIn('alice');
    expect((await alice.get('/api/files')).status).toBe(200);
    expect(await (await drive.anonymous().fetch(link)).text()).toBe('bytes');
    expect((await alice.post(`${link}/use`, {})).status).toBe(200);
    expect((await alice.upload('b.txt', 'b')).status).toBe(503);
    const { code, out } = await run('maintenance', 'status');
    expect([code, out]).toEqual([2, expect.stringMatching(/^Writes are refused since .*: A new disk\n$/)]);
    expect((await run('status')).out).toMatch(/writes +are refused since .*A new disk/);
  });

  it('ends at once', async () => {
    expect((await run('maintenance', 'off')).out).toBe('Writes are taken again.\n');
    expect((await alice.upload('b.txt', 'b')).status).toBe(200);
    expect((await run('maintenance', 'off')).out).toBe('There was no maintenance.\n');
    expect((await run('maintenance', 'status')).code).toBe(0);
  });

  it('refuses what is no time', async () => {
    const { code, err } = await run('maintenance', 'on', '--retry-after', 'soon');
    expect([code, err]).toEqual([1, 'error: --retry-after must be a time such as 90s, 5m or 1h\n']);
    expect((await run('maintenance', 'status')).code).toBe(0);
  });
});

describe('users unlock', () => {
  const logIn = (username: string, password: string) => drive.anonymous().post('/api/login', { username, password });

  async function lockOut(username: string): Promise<void> {
    for (let n = 0; n < 2; n += 1) expect((await logIn(username, 'wrong one')).status).toBe(401);
    expect((await logIn(username, PASSWORD)).status).toBe(429);
  }

  it('lets a user log in again who was locked out, and nobody else', async () => {
    await drive.signUp('bob');
    await lockOut('alice');
    await lockOut('bob');
    expect((await run('users', 'unlock', 'Alice')).out).toBe('Failed log-ins of alice are forgotten.\n');
    expect((await logIn('alice', PASSWORD)).status).toBe(200);
    expect((await logIn('bob', PASSWORD)).status).toBe(429);
    // The count begins anew, and does not end for good.
    await lockOut('alice');
  });

  it('unlocks an address for whatever names', async () => {
    const { json } = await run('users', 'unlock', '--address', '127.0.0.1', '--json');
    expect(json).toEqual([{ unlocked: '127.0.0.1' }]);
    expect((await logIn('bob', PASSWORD)).status).toBe(200);
    expect((await logIn('alice', PASSWORD)).status).toBe(200);
  });

  it('says what is wrong', async () => {
    expect((await run('users', 'unlock')).err).toMatch(/Say whose log-ins/);
    expect((await run('users', 'unlock', 'nobody')).err).toBe('error: User not found\n');
    expect((await run('users', 'unlock', '--address', 'here')).err).toBe('error: --address is no IP address\n');
  });
});
