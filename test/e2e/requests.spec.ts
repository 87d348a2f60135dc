import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { RawClient } from '../support/raw.js';
import { accessNow, share } from '../support/sharing.js';

let drive: Drive;
let alice: Client;
beforeAll(async () => {
  drive = await Drive.start({ TRUSTED_PROXIES: '127.0.0.1', LINK_LIMIT: '5/1m' });
  alice = await drive.signUp('alice');
});
afterAll(() => drive.destroy());

describe('JSON', () => {
  const account = (username: string, password: string) => ({
    ...{ username, password },
    ...{ email: `${username}@example.org`, name: 'Jürgen' },
  });
  const send = (path: string, body: Buffer, contentType = 'application/json', method = 'POST', client = alice) =>
    client.request(path, { method, body: new Uint8Array(body), headers: { 'content-type': contentType } });
  const latin1 = (value: unknown) => Buffer.from(JSON.stringify(value), 'latin1');
  const utf8 = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('in another encoding makes no account, changes no password and no name', async () => {
    const made = await send('/api/signup', latin1(account('juergen', 'geheimüpass')));
    expect([made.status, made.body.error, made.body.details]).toEqual([
      ...[400, 'Invalid request body', { body: ['must be UTF-8'] }],
    ]);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'juergen'")).toEqual([]);
    const change = { currentPassword: PASSWORD, newPassword: 'geheimüpass' };
    expect((await send('/api/user/password', latin1(change), 'application/json', 'PUT')).status).toBe(400);
    expect((await alice.get('/api/files')).status).toBe(200);
    await drive.anonymous().logIn('alice');
  });

  it.each(['iso-8859-1', 'utf-16', '"windows-1252"'])('that says to be in %s is refused', async (charset) => {
    const { status, body } = await send(
      '/api/login',
      utf8(account('alice', PASSWORD)),
      `application/json; charset=${charset}`,
    );
    expect([status, body.error]).toEqual([400, 'Invalid request body']);
  });

  it.each([
    ...['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'],
    ...['application/json; charset="utf-8"', 'application/json;odata=verbose'],
  ])('is understood as %s', async (contentType) => {
    const log = { username: 'alice', password: PASSWORD };
    expect((await send('/api/login', utf8(log), contentType)).status).toBe(200);
    const marked = Buffer.from(`\uFEFF${JSON.stringify(log)}`);
    expect((await send('/api/login', marked, contentType)).status).toBe(200);
  });

  it('without its Content-Type is told what is missing', async () => {
    for (const contentType of ['application/x-www-form-urlencoded', 'text/plain', '']) {
      const { status, body } = await send('/api/login', utf8({ username: 'alice', password: PASSWORD }), contentType);
      expect([status, body.error, body.details]).toEqual([
        ...[400, 'Invalid request body'],
        { body: ['must be JSON, sent with Content-Type: application/json'] },
      ]);
    }
    for (const value of [[], null, 'alice', 1]) {
      const { body } = await send('/api/login', utf8(value));
      expect([body.error, body.details]).toEqual(['Invalid request body', { body: ['must be a JSON object'] }]);
    }
  });
});

describe('HEAD', () => {
  it('has the status and the headers of GET wherever there is one, and no body', async () => {
    const file = await alice.file('head.txt', 'four');
    const routes = [
      ...['/api/health', '/api/health/ready', '/docs', '/docs/json', '/api/files', '/api/files/stats'],
      ...[`/api/files/${file.id}`, `/api/files/${file.id}/content`, `/api/files/${file.id}/accesses`],
      ...['/api/user', '/api/user/limits', '/api/user/sessions', '/api/files/999999', '/api/files/x'],
    ];
    for (const path of routes) {
      const get = await alice.fetch(path);
      const head = await alice.fetch(path, { method: 'HEAD' });
      expect([path, head.status, await head.text()]).toEqual([path, get.status, '']);
      for (const name of ['content-type', 'cache-control', 'x-content-type-options', 'etag'])
        expect([path, name, head.headers.get(name)]).toEqual([path, name, get.headers.get(name)]);
      const bytes = (await get.arrayBuffer()).byteLength;
      expect([path, Number(head.headers.get('content-length'))]).toEqual([path, bytes]);
    }
    expect((await drive.anonymous().fetch('/api/files', { method: 'HEAD' })).status).toBe(401);
  });
});

describe('a method that a path does not know', () => {
  it.each([
    ['PATCH', '/api/files', 'GET, HEAD'],
    ['DELETE', '/api/health', 'GET, HEAD'],
    ['GET', '/api/login', 'POST'],
    ['HEAD', '/api/login', 'POST'],
    ['PROPFIND', '/api/files/1', 'DELETE, GET, HEAD'],
    ['OPTIONS', '/api/user/limits', 'GET, HEAD'],
    // Written out, and no files whose ids are "stats", "archive" and "delete".
    ['DELETE', '/api/files/stats', 'GET, HEAD'],
    ['PATCH', '/api/files/archive', 'GET, HEAD'],
    ['GET', '/api/files/delete', 'POST'],
  ])('%s of %s is answered with those that it knows', async (method, path, allow) => {
    const raw = await RawClient.connect(drive.url);
    raw.send(`${method} ${path}?x=1 HTTP/1.1`, 'Host: x', 'Connection: close', '', '');
    await raw.end();
    expect(raw.received).toMatch(/^HTTP\/1\.1 405 /);
    expect(raw.received).toMatch(new RegExp(`\r\nallow: ${allow}\r\n`, 'i'));
    if (method !== 'HEAD') expect(raw.received).toContain('"error":"Method not allowed","code":"method_not_allowed"');
  });

  it('of a path that nobody knows stays not found', async () => {
    expect((await alice.request('/api/nothing', { method: 'PATCH' })).status).toBe(404);
  });

  it('takes no use of a link', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD']) await fetch(shared.link, { method });
    expect((await accessNow(alice, shared)).uses).toBe(0);
  });
});

describe('a trailing slash', () => {
  it('answers as none', async () => {
    const file = await alice.file('slash.txt', 'bytes');
    for (const path of ['/api/files/', '/api/health/', `/api/files/${file.id}/`, '/docs/json/'])
      expect([path, (await alice.fetch(path)).status]).toEqual([path, 200]);
    expect((await alice.get('/api/files/?limit=1')).body.files).toHaveLength(1);
    expect(await (await alice.fetch(`/api/files/${file.id}/content/`)).text()).toBe('bytes');
    const { link } = await share(alice);
    expect((await fetch(`${link}/`)).status).toBe(200);
    expect((await alice.fetch('/api/files//')).status).toBe(404);
  });
});

describe('the address behind a proxy', () => {
  const ADMITTED = { subnets: ['203.0.113.0/24', '2001:db8::/32'] };
  const visit = async (link: string, headers: Record<string, string>) => (await fetch(link, { headers })).status;

  it.each([
    [{ 'x-forwarded-for': '203.0.113.7:54321' }, 200],
    [{ 'x-forwarded-for': '[2001:db8::7]:54321' }, 200],
    [{ 'x-forwarded-for': '[2001:db8::7]' }, 200],
    [{ 'x-forwarded-for': '198.51.100.1:1, 203.0.113.7:54321' }, 200],
    [{ 'x-forwarded-for': '203.0.113.7:54321, 198.51.100.1:1' }, 403],
    [{ forwarded: 'for="[2001:db8::7]:4711";proto=https' }, 200],
    [{ forwarded: 'for=203.0.113.7, for=198.51.100.1' }, 403],
    [{ forwarded: 'for=203.0.113.7', 'x-forwarded-for': '203.0.113.7:1' }, 200],
    [{ forwarded: 'for=203.0.113.7', 'x-forwarded-for': '198.51.100.1' }, 403],
    [{ forwarded: 'for=198.51.100.1', 'x-forwarded-for': '203.0.113.7' }, 403],
  ])('is what %j say: %i', async (headers, status) => {
    const { link } = await share(alice, ADMITTED);
    expect(await visit(link, headers as Record<string, string>)).toBe(status);
  });

  it('with ports of its own does not throttle everybody for one', async () => {
    const guess = (from: string) => visit(`${drive.url}/link/${'0'.repeat(32)}`, { 'x-forwarded-for': from });
    for (let n = 0; n < 6; n += 1) await guess(`203.0.113.7:${50_000 + n}`);
    expect([await guess('203.0.113.7:1'), await guess('198.51.100.99:4711')]).toEqual([429, 404]);
  });
});

describe('an access', () => {
  it('is taken back by PUT as GET gave it, and stays what it was', async () => {
    for (const settings of [{}, { expires: '2030-01-31T12:00:00Z', ttl: 3, enableTTL: true, ips: ['192.0.2.7'] }]) {
      const shared = await share(alice, settings);
      const before = await accessNow(alice, shared);
      const { status, body } = await alice.put(`/api/accesses/${before.id}`, before);
      expect([status, body.access]).toEqual([200, before]);
    }
  });

  it('keeps an expiry that is past where it is sent back, and takes no new one', async () => {
    const shared = await share(alice);
    const past = new Date(Date.now() - 1_000);
    await drive.probe.run('UPDATE accesses SET expiresAt = ? WHERE id = ?', [past.getTime(), shared.access.id]);
    const before = await accessNow(alice, shared);
    const path = `/api/accesses/${before.id}`;
    expect(await alice.put(path, { ...before, name: 'renamed' })).toMatchObject({
      status: 200,
      body: { access: { name: 'renamed', expires: past.toISOString() } },
    });
    const other = new Date(past.getTime() - 1).toISOString();
    expect(await alice.put(path, { expires: other })).toMatchObject({
      status: 400,
      body: { details: { expires: ['expires must be in the future'] } },
    });
    expect((await alice.put(path, { expires: null })).body.access.expires).toBeNull();
  });

  it('says what is wrong with an empty expiry, and takes null for none of every field that may be null', async () => {
    const shared = await share(alice, { ttl: 2 });
    const path = `/api/accesses/${shared.access.id}`;
    const { status, body } = await alice.put(path, { expires: '' });
    expect([status, body.error]).toEqual([
      400,
      expect.stringMatching(/^expires must be a date and time as in RFC 3339/),
    ]);
    expect((await alice.put(path, { ttl: null, expires: null })).body.access).toMatchObject({
      ttl: null,
      expires: null,
    });
    expect((await alice.put(path, { ttl: null, enableTTL: true })).body.error).toBe(
      'ttl is required when enableTTL is true',
    );
  });
});

describe('people', () => {
  it('may have an e-mail address at a host without a dot', async () => {
    for (const [n, email] of ['bob@localhost', 'bob@nas', 'bob@[192.0.2.7]'].entries()) {
      const account = { username: `bob${n}`, password: PASSWORD, email, name: 'Bob' };
      expect([email, (await drive.anonymous().post('/api/signup', account)).status]).toEqual([email, 200]);
    }
    const account = { username: 'bob9', password: PASSWORD, email: 'bob', name: 'Bob' };
    expect((await drive.anonymous().post('/api/signup', account)).status).toBe(400);
  });

  it('may log in with blanks around their name, but not around their password', async () => {
    for (const username of [' alice', 'alice ', '\tAlice\u00A0'])
      expect((await drive.anonymous().post('/api/login', { username, password: PASSWORD })).status).toBe(200);
    const { status } = await drive.anonymous().post('/api/login', { username: 'alice', password: `${PASSWORD} ` });
    expect(status).toBe(401);
  });
});

describe('what a client sends besides', () => {
  it('keys that keep caches away are passed over in lists; wrong ones that it knows are not', async () => {
    expect((await alice.get('/api/files?_=1764230000000&_dc=2&limit=1')).status).toBe(200);
    for (const query of ['limit=0&_=1', 'sort=shoe', 'limit=1&limit=2', 'lmit=1', '__proto__=1'])
      expect([query, (await alice.get(`/api/files?${query}`)).status]).toEqual([query, 400]);
  });
});

describe('a refused upload', () => {
  const raws: RawClient[] = [];
  afterEach(() => raws.splice(0).forEach((raw) => raw.destroy()));
  const begin = async (more: string[], length: number) => {
    const raw = await RawClient.connect(drive.url);
    raws.push(raw);
    const head = [
      'POST /api/upload HTTP/1.1',
      'Host: x',
      'Content-Type: multipart/form-data; boundary=b',
      `Content-Length: ${length}`,
    ];
    raw.send(...head, ...more, '', '');
    return raw;
  };
  const give = (raw: RawClient, bytes: number) =>
    new Promise<void>((resolve) => raw.socket.write(Buffer.alloc(bytes), () => resolve()));

  it('reaches a client whose line takes longer than the rest of it may have taken once', async () => {
    // Six seconds and more, at the pace of a telephone.
    const raw = await begin([], 8_000_000);
    for (let n = 0; n < 40; n += 1) {
      await give(raw, 200_000);
      await new Promise((resolve) => setTimeout(resolve, 160));
    }
    expect((await raw.answer()).status).toBe(401);
    raw.send('GET /api/health HTTP/1.1', 'Host: x', '', '');
    expect((await raw.answer()).status).toBe(200);
  });

  it('is not reset over bytes on the way, where the connection ends with the answer', async () => {
    for (const more of [['Connection: close'], ['Connection: close', 'X-Forwarded-For: 203.0.113.9']]) {
      const raw = await begin(more, 8_000_000);
      raw.socket.pause();
      for (let n = 0; n < 8; n += 1) {
        await give(raw, 1_000_000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      raw.socket.resume();
      expect((await raw.answer()).status).toBe(401);
      await raw.end();
      expect(raw.socket.errored).toBeNull();
    }
  });
});
