import { mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { VERSION } from '@app/config';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { openProbe } from '../support/probe.js';
import { published } from '../support/published.js';
import { RawClient } from '../support/raw.js';
import { Server } from '../support/server.js';
import { until } from '../support/until.js';

const ORIGIN = 'https://app.example.org';
const OTHERS = ['https://evil.example.org', 'https://app.example.org.evil.test', 'http://app.example.org', 'null'];

let drive: Drive;
let alice: Client;
const raws: RawClient[] = [];

beforeAll(async () => {
  drive = await Drive.start({ CORS_ORIGINS: `${ORIGIN},http://localhost:5173` });
  alice = await drive.signUp('alice');
});
afterAll(() => drive.destroy());
afterEach(() => raws.splice(0).forEach((raw) => raw.destroy()));

async function connect(): Promise<RawClient> {
  const raw = await RawClient.connect(drive.url);
  raws.push(raw);
  return raw;
}

describe('a web client', () => {
  const corsOf = (headers: Headers) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
  const preflight = (origin: string, path = '/api/upload') =>
    drive.anonymous().fetch(path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it.each([
    ['/api/health', 200],
    ['/api/files', 401],
    ['/api/nothing', 404],
    ['/link/0123456789abcdef0123456789abcdef', 404],
  ])('of a listed origin may read the answer of %s, and the headers that it needs', async (path, status) => {
    const response = await drive.anonymous().fetch(path, { headers: { origin: ORIGIN } });
    await response.text();
    expect(response.status).toBe(status);
    expect(corsOf(response.headers)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': expect.stringMatching(
        /^Content-Disposition, ETag, Content-Range, X-Request-Id, Retry-After, Location, .*Upload-Offset/,
      ),
    });
    expect(response.headers.get('vary')).toMatch(/\borigin\b/i);
  });

  it('of a listed origin may ask before it sends', async () => {
    const response = await preflight('http://localhost:5173');
    expect(response.status).toBe(204);
    expect(corsOf(response.headers)).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
      'access-control-allow-headers': 'authorization,content-type',
    });
  });

  it.each(OTHERS)('of the origin %s gets no word about origins, and no other answer than anybody', async (origin) => {
    const response = await drive.anonymous().fetch('/api/health', { headers: { origin } });
    expect([response.status, await response.json(), corsOf(response.headers)]).toEqual([
      200,
      { status: 'ok', version: VERSION },
      {},
    ]);
    expect(response.headers.get('vary')).toMatch(/\borigin\b/i);
    const refused = await preflight(origin);
    expect([refused.status, corsOf(refused.headers)]).toEqual([404, {}]);
    expect(await refused.json()).toMatchObject({ error: 'Not found' });
  });

  it('of any origin gets no word about origins where none is listed', async () => {
    const closed = await Drive.start();
    const response = await closed.anonymous().fetch('/api/health', { headers: { origin: ORIGIN } });
    await response.text();
    expect([response.status, corsOf(response.headers)]).toEqual([200, {}]);
    await closed.destroy();
  });
});

describe('the address of a client', () => {
  const AT_HOME = '203.0.113.9';

  /** A link for one address only, and what it answers to who says to come from elsewhere. */
  async function linkOf(owner: Client, client: Client) {
    const file = await owner.file(`${crypto.randomUUID()}.txt`);
    await owner.put(`/api/files/${file.id}/access`, { public: true });
    const { body } = await owner.post(`/api/files/${file.id}/accesses`, { public: true, ips: [AT_HOME] });
    const path = new URL(body.link).pathname;
    return async (forwarded: string) => {
      const response = await client.fetch(path, { headers: { 'x-forwarded-for': forwarded } });
      await response.text();
      return response.status;
    };
  }

  it('is that of the socket, whatever a header says', async () => {
    const ask = await linkOf(alice, drive.anonymous());
    for (const forwarded of [AT_HOME, `::ffff:${AT_HOME}`, `${AT_HOME}, 127.0.0.1`])
      expect(await ask(forwarded)).toBe(403);
  });

  it('is what a trusted proxy says, and not what the client told the proxy', async () => {
    const proxied = await Drive.start({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
    const ask = await linkOf(await proxied.signUp('bob'), proxied.anonymous());
    expect(await ask(AT_HOME)).toBe(200);
    expect(await ask(`::ffff:${AT_HOME}`)).toBe(200);
    expect(await ask(`198.51.100.7, ${AT_HOME}, 10.1.2.3`)).toBe(200);
    expect(await ask(`${AT_HOME}, 198.51.100.7`)).toBe(403);
    for (const nonsense of ['nonsense', '', ',', `${AT_HOME}:port`, 'x'.repeat(5_000)])
      expect(await ask(nonsense)).toBe(403);
    await proxied.destroy();
  });

  it('is not what somebody says who is no trusted proxy', async () => {
    const proxied = await Drive.start({ TRUSTED_PROXIES: '10.0.0.0/8' });
    const ask = await linkOf(await proxied.signUp('bob'), proxied.anonymous());
    expect(await ask(AT_HOME)).toBe(403);
    await proxied.destroy();
  });
});

describe('health', () => {
  it('is asked without a token, also by many at once', async () => {
    expect((await drive.anonymous().get('/api/health')).body).toEqual({ status: 'ok', version: VERSION });
    const answers = await Promise.all(Array.from({ length: 30 }, () => drive.anonymous().get('/api/health/ready')));
    for (const { status, body } of answers) expect([status, body]).toEqual([200, { status: 'ok', removalsFailing: 0 }]);
    expect(await drive.temporaryFiles()).toEqual([]);
  });

  it('says that the drive is not ready while its uploads are away, and that it is when they are back', async () => {
    const uploads = join(drive.config.dataDir, 'uploads');
    renameSync(uploads, `${uploads}.away`);
    for (const empty of [false, true]) {
      if (empty) mkdirSync(uploads);
      const { status, headers, body } = await drive.anonymous().get('/api/health/ready');
      expect([status, headers.get('retry-after'), body]).toEqual([
        503,
        '5',
        {
          ...published('Service unavailable'),
          details: { database: 'ok', storage: 'failing' },
          requestId: headers.get('x-request-id'),
        },
      ]);
      expect((await drive.anonymous().get('/api/health')).status).toBe(200);
    }
    rmdirSync(uploads);
    renameSync(`${uploads}.away`, uploads);
    expect((await drive.anonymous().get('/api/health/ready')).status).toBe(200);
  });

  it('counts the deletes that are not whole yet', async () => {
    const file = await alice.file('stuck.txt');
    const path = join(drive.config.dataDir, 'uploads', file.location);
    renameSync(path, `${path}.aside`);
    mkdirSync(path);
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(500);
    expect((await drive.anonymous().get('/api/health/ready')).body).toEqual({ status: 'ok', removalsFailing: 1 });
    rmdirSync(path);
    renameSync(`${path}.aside`, path);
    await until(async () => (await drive.anonymous().get('/api/health/ready')).body.removalsFailing === 0);
    expect(await drive.violations()).toEqual([]);
  });
});

describe('the log', () => {
  let server: Server;
  afterEach(async () => {
    await server.kill();
    rmSync(join(server.config.dataDir, '..'), { recursive: true });
  });

  it('has no password, token or link in any line, whatever happens and at whatever level', async () => {
    server = await Server.start(await Server.environment({ LOG_LEVEL: 'trace' }));
    const probe = await openProbe(server.config);
    const owner = await server.client.signUp('alice');
    const file = await owner.file('a.txt');
    await owner.put(`/api/files/${file.id}/access`, { public: true });
    const accesses = `/api/files/${file.id}/accesses`;
    const { body } = await owner.post(accesses, { public: true });
    const [link, wrong, unknown] = [
      new URL(body.link).pathname,
      'a wrong password',
      '0123456789abcdef0123456789abcdef',
    ];
    for (const path of [link, `${link}?x=1`, `/link/${unknown}`, `${link}/more`, `/%zz${link}`])
      await (await server.client.fetch(path)).text();
    await server.client.post('/api/login', { username: 'alice', password: wrong });
    await server.client.post('/api/login', { username: 'alice', password: wrong, passwords: [wrong] });
    await server.client.request('/api/login', {
      method: 'POST',
      body: `{"password":"${wrong}"`,
      headers: { 'content-type': 'application/json' },
    });
    for (const table of ['accesses', 'users', 'sessions']) {
      const lift = await probe.plantFault('INSERT', table);
      await owner.post(accesses, { public: true });
      await server.client.post('/api/login', { username: 'alice', password: PASSWORD });
      await server.client.post('/api/signup', {
        username: 'bob',
        password: PASSWORD,
        email: 'b@example.org',
        name: 'B',
      });
      await lift();
    }
    const changed = await owner.put('/api/user/password', { currentPassword: PASSWORD, newPassword: wrong });
    await probe.close();
    await server.kill('SIGTERM');
    expect(changed.status).toBe(200);
    const events = server.output.split('\n').filter((line) => line.startsWith('{'));
    expect(events.filter((line) => line.includes('request-failed')).length).toBeGreaterThanOrEqual(3);
    for (const secret of [owner.token!, changed.body.token, PASSWORD, wrong, link.slice(6), unknown, '$argon2'])
      expect(events.filter((line) => line.includes(secret))).toEqual([]);
  });
});

describe('an upload that is refused', () => {
  const upload = (length: number, token = 'none') => [
    'POST /api/upload HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${token}`,
    'Content-Type: multipart/form-data; boundary=b',
    `Content-Length: ${length}`,
    '',
    '',
  ];

  it.each([
    ['for want of a token', () => 'none', 401],
    ['for want of room', () => alice.token!, 403],
  ])('%s is told also to a client that sends everything before it reads', async (_why, token, status) => {
    await drive.probe.run('UPDATE users SET maxFiles = 0 WHERE username = ?', ['alice']);
    const size = 30_000_000;
    const raw = await connect();
    raw.socket.pause();
    raw.send(...upload(size, token()));
    for (let sent = 0; sent < size; sent += 1_000_000) {
      await new Promise<void>((resolve) => raw.socket.write(Buffer.alloc(1_000_000), () => resolve()));
    }
    raw.socket.resume();
    expect((await raw.answer()).status).toBe(status);
    raw.send('GET /api/health HTTP/1.1', 'Host: x', '', '');
    expect((await raw.answer()).status).toBe(200);
    await drive.probe.run('UPDATE users SET maxFiles = 1000 WHERE username = ?', ['alice']);
  });

  it('is cut off in bounded time when it never ends, with its answer sent', async () => {
    const raw = await connect();
    const start = performance.now();
    raw.send(...upload(1e12));
    const send = () => {
      while (!raw.socket.destroyed && raw.socket.write(Buffer.alloc(65_536)));
    };
    raw.socket.on('drain', send);
    send();
    expect((await raw.answer()).status).toBe(401);
    await raw.end();
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it('is cut off in bounded time when its body never comes', async () => {
    const raw = await connect();
    raw.send(...upload(1e6));
    expect((await raw.answer()).status).toBe(401);
    await raw.end();
  });
});
