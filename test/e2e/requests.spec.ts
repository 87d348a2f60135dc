import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { RawClient } from '../support/raw.js';
import { accessNow, share } from '../support/sharing.js';

let alice: Client;
const drive = driveFixture({}, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
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

describe('what a client sends besides', () => {
  it('keys that keep caches away are passed over in lists; wrong ones that it knows are not', async () => {
    expect((await alice.get('/api/files?_=1764230000000&_dc=2&limit=1')).status).toBe(200);
    for (const query of ['limit=0&_=1', 'sort=shoe', 'limit=1&limit=2', 'lmit=1', '__proto__=1'])
      expect([query, (await alice.get(`/api/files?${query}`)).status]).toEqual([query, 400]);
  });
});
