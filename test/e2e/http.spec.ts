import { performance } from 'node:perf_hooks';
import { VERSION } from '@app/config';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { RawClient } from '../support/raw.js';

const ORIGIN = 'https://app.example.org';
const OTHERS = ['https://evil.example.org', 'https://app.example.org.evil.test', 'http://app.example.org', 'null'];

let alice: Client;
const raws: RawClient[] = [];

const drive = driveFixture({ CORS_ORIGINS: `${ORIGIN},http://localhost:5173` }, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});
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
