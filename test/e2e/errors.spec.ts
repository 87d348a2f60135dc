import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { CODES } from '../support/published.js';
import { type RawAnswer, RawClient } from '../support/raw.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let drive: Drive;
let alice: Client;
let raw: RawClient | undefined;

beforeAll(async () => {
  drive = await Drive.start();
  alice = await drive.signUp('alice');
});
afterAll(() => drive.destroy());
afterEach(() => raw?.destroy());

/** Sends lines over a socket of their own and gives the first answer. */
async function send(...lines: string[]): Promise<RawAnswer> {
  raw = await RawClient.connect(drive.url);
  raw.send(...lines);
  return raw.answer();
}

/** What every error must look like, from whatever layer it comes. */
function expectError({ status, headers, text }: RawAnswer, expectedStatus: number, error: string): void {
  const body = JSON.parse(text) as Record<string, unknown>;
  expect([status, body.error]).toEqual([expectedStatus, error]);
  // Where the contract says "what is wrong", the text is the occasion's own, and the code is still the catalogue's.
  expect(Object.values(CODES)).toContain(body.code);
  if (error in CODES) expect(body.code).toBe(CODES[error]);
  expect(body.requestId).toMatch(UUID);
  expect(headers['x-request-id']).toBe(body.requestId);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers).not.toHaveProperty('server');
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(text).not.toMatch(/\bat .*:\d+:\d+|node_modules|\/(src|libs|tmp|work)\/|SQLITE|ER_|SELECT|INSERT|FST_/);
}

const head = (method: string, path: string, ...headers: string[]) => [
  `${method} ${path} HTTP/1.1`,
  'Host: x',
  ...headers,
  '',
  '',
];

const post = (path: string, body: string, ...headers: string[]) =>
  [...head('POST', path, `Content-Length: ${Buffer.byteLength(body)}`, ...headers).slice(0, -1), body] as string[];

const JSON_TYPE = 'Content-Type: application/json';

describe('an unknown route', () => {
  it.each([
    ['GET', '/nowhere'],
    ['GET', '/api'],
    ['GET', '/api/nothing'],
    ['GET', '/files'],
    ['GET', '/link'],
    ['GET', '/link/'],
    ['GET', '/link/a/b'],
    ['GET', '/linkx'],
    ['GET', '/api/link/abc'],
    ['GET', '/API/files'],
    ['GET', '/api/files//'],
    ['GET', '//'],
    ['GET', '//api/health'],
    ['GET', '/api//health'],
    ['GET', '/api/../api/health'],
    ['GET', '/.env'],
    ['OPTIONS', '/api/nothing'],
    ['PROPFIND', '/nowhere'],
    ['OPTIONS', '*'],
  ])('%s %s is not found', async (method, path) => {
    expectError(await send(...head(method, path)), 404, 'Not found');
    expectError(await send(...head(method, path, `Authorization: Bearer ${alice.token}`)), 404, 'Not found');
  });

  it.each([
    ['PUT', '/api/health'],
    ['DELETE', '/api/files'],
    ['PATCH', '/api/files/1'],
    ['POST', '/api/files/1'],
    ['GET', '/api/upload'],
    ['PUT', '/link/abc'],
    ['TRACE', '/api/health'],
  ])('%s %s is a method that is not allowed', async (method, path) => {
    expectError(await send(...head(method, path)), 405, 'Method not allowed');
  });

  it('is not found however long it is', async () => {
    expectError(await send(...head('GET', `/${'x'.repeat(10_000)}`)), 404, 'Not found');
  });

  it('is not found with a body of any kind', async () => {
    expectError(await send(...post('/api/nothing', '{"a":1}', JSON_TYPE)), 404, 'Not found');
    expectError(await send(...post('/api/nothing', 'anything', 'Content-Type: text/plain')), 404, 'Not found');
  });

  it('answers a HEAD without a body', async () => {
    raw = await RawClient.connect(drive.url);
    raw.send('HEAD /api/nothing HTTP/1.1', 'Host: x', 'Connection: close', '', '');
    await raw.end();
    expect(raw.received).toMatch(/^HTTP\/1\.1 404 [^]*\r\n\r\n$/);
  });
});

describe('a JSON route', () => {
  const signUp = (body: string, ...headers: string[]) => send(...post('/api/signup', body, JSON_TYPE, ...headers));
  const users = async () => (await drive.probe.rows('SELECT username FROM users')).length;

  it.each([
    ['{', 'a half'],
    ['nonsense', 'none'],
    ['{"username":"bob",}', 'a comma too many'],
    ["{'username':'bob'}", 'other quotes'],
    ['{"a":NaN}', 'a number that is none'],
    ['\u0000', 'a zero'],
    ['{"__proto__":{"admin":true}}', '__proto__'],
    ['{"username":"bob","a":{"__proto__":{}}}', '__proto__ deep inside'],
    ['{"constructor":{"prototype":{"admin":true}}}', 'a constructor with a prototype'],
  ])('refuses the body %j: %s', async (body) => {
    expectError(await signUp(body), 400, 'Invalid request body');
  });

  it.each(['', 'null', '[]', '"text"', '5', 'true', '[{"username":"bob"}]', '{}'])(
    'refuses %j, which is no object with the fields',
    async (body) => {
      const before = await users();
      const { status, headers, text } = await signUp(body);
      expect(status).toBe(400);
      expectError({ status, headers, text }, 400, JSON.parse(text).error);
      expect(JSON.parse(text).error.length).toBeGreaterThan(5);
      expect(await users()).toBe(before);
    },
  );

  it('takes a body of 64 KiB for one, and refuses one byte more, declared or not', async () => {
    const body = (length: number) => `{"username":"${'x'.repeat(length - 15)}"}`;
    expect((await signUp(body(65_536))).status).toBe(400);
    expectError(await signUp(body(65_537)), 413, 'Request body too large');
    const chunk = body(65_537);
    const chunked = `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`;
    expectError(
      await send(...head('POST', '/api/signup', JSON_TYPE, 'Transfer-Encoding: chunked').slice(0, -1), chunked),
      413,
      'Request body too large',
    );
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'application/xml',
    'application/jsonx',
    'nonsense',
    '',
  ])('refuses the content type %j and makes nothing', async (type) => {
    const before = await users();
    const account = '{"username":"carol","password":"correct horse battery","email":"c@example.org","name":"Carol"}';
    const { status, headers, text } = await send(
      ...post('/api/signup', account, ...(type ? [`Content-Type: ${type}`] : [])),
    );
    expectError({ status, headers, text }, 400, JSON.parse(text).error);
    expect(await users()).toBe(before);
  });

  it('takes JSON under any of its names', async () => {
    for (const [n, type] of [
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'application/json;charset=utf-8',
    ].entries()) {
      const body = JSON.stringify({
        username: `json${n}`,
        password: 'correct horse battery',
        email: 'j@example.org',
        name: 'J',
      });
      expect((await send(...post('/api/signup', body, `Content-Type: ${type}`))).status).toBe(200);
    }
  });

  it('asks for a body only when it wants it, and answers', async () => {
    raw = await RawClient.connect(drive.url);
    raw.send(...head('POST', '/api/login', JSON_TYPE, 'Content-Length: 2', 'Expect: 100-continue'));
    expect((await raw.answer()).status).toBe(100);
    raw.send('{}');
    expect((await raw.answer()).status).toBe(400);
    raw.send(...head('GET', '/api/health'));
    expect((await raw.answer()).status).toBe(200);
  });

  it('does not ask for a body that is too large, and ends the connection on which it could come', async () => {
    const lines = head('POST', '/api/login', JSON_TYPE, 'Content-Length: 65537', 'Expect: 100-continue');
    expectError(await send(...lines), 413, 'Request body too large');
    await raw!.end();
  });
});

describe('what is hardly HTTP', () => {
  it.each([['/%zz'], ['/api/files/%zz'], ['/%'], ['/api/%e0%a4%a'], ['/%ff']])(
    'is answered for the URL %s',
    async (path) => {
      expectError(await send(...head('GET', path)), 400, 'Invalid URL');
    },
  );

  it.each([
    ['garbage', ['this is no HTTP', '', '']],
    ['the hello of TLS', ['\x16\x03\x01\x02\x00\x01\x00\x01', '', '']],
    ['HTTP/2', ['PRI * HTTP/2.0', '', 'SM', '', '']],
    ['a space in the URL', ['GET /api/ health HTTP/1.1', 'Host: x', '', '']],
    ['an unknown method', ['BREW /api/health HTTP/1.1', 'Host: x', '', '']],
    ['a header without a colon', ['GET /api/health HTTP/1.1', 'Host: x', 'nonsense', '', '']],
    ['a length that is none', ['POST /api/login HTTP/1.1', 'Host: x', 'Content-Length: ten', '', '']],
    ['two lengths', ['POST /api/login HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2', '', '{}']],
    [
      'a length and chunks',
      ['POST /api/login HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '0', '', ''],
    ],
    ['no host', ['GET /api/health HTTP/1.1', '', '']],
  ])('is answered: %s', async (_what, lines) => {
    expectError(await send(...lines), 400, 'Bad request');
    if (_what !== 'no host') await raw!.end();
  });

  it('is answered when a chunk is broken', async () => {
    raw = await RawClient.connect(drive.url);
    raw.send(...head('POST', '/api/login', JSON_TYPE, 'Transfer-Encoding: chunked').slice(0, -1), 'zz\r\n');
    expectError(await raw.answer(), 400, 'Bad request');
    await raw.end();
  });

  it.each([
    ['many headers', Array.from({ length: 1_000 }, (_, n) => `X-Header-${n}: ${'x'.repeat(20)}`)],
    ['a long header', [`X-Header: ${'x'.repeat(20_000)}`]],
  ])('is answered for %s', async (_what, headers) => {
    expectError(await send(...head('GET', '/api/health', ...headers)), 431, 'Request header fields too large');
  });

  it('is answered for a URL that is longer than all headers may be', async () => {
    expectError(await send(...head('GET', `/${'x'.repeat(20_000)}`)), 431, 'Request header fields too large');
  });

  it('is not refused for an expectation that is none of ours, nor for HTTP/1.0 without a host', async () => {
    expect((await send(...head('GET', '/api/health', 'Expect: something'))).status).toBe(200);
    expect((await send('GET /api/health HTTP/1.0', '', '')).status).toBe(200);
    expect((await send('GET http://elsewhere.test/api/health HTTP/1.1', 'Host: x', '', '')).status).toBe(200);
    expect((await drive.anonymous().get('/api/health')).status).toBe(200);
  });
});

describe('an id', () => {
  const judge = (id: string) => send(...head('GET', `/api/files/${id}`, `Authorization: Bearer ${alice.token}`));

  it.each(['%00', '1%2F2', '1;2', '1%3Fx=1', '1%20', '%2B1'])('that is none is judged as one: %s', async (id) => {
    expectError(await judge(id), 400, 'Invalid file ID');
  });

  it('is what the URL stands for', async () => {
    expectError(await judge('%32147483647'), 404, 'File not found');
  });

  it.each([100, 101, 5_000])('of %i characters is judged as one', async (length) => {
    expectError(await judge('9'.repeat(length)), 400, 'Invalid file ID');
  });
});

describe('a fault inside', () => {
  it('is told without anything of the inside, and has its id in the answer', async () => {
    const lift = await drive.probe.plantFault('INSERT', 'users');
    const account = '{"username":"dora","password":"correct horse battery","email":"d@example.org","name":"Dora"}';
    const answer = await send(...post('/api/signup', account, JSON_TYPE));
    await lift();
    expectError(answer, 500, 'Internal server error');
    expect(answer.text).not.toContain('planted');
    expect(Object.keys(JSON.parse(answer.text)).toSorted()).toEqual(['code', 'error', 'requestId']);
    expect((await send(...post('/api/signup', account, JSON_TYPE))).status).toBe(200);
  });

  it.each([
    ['accesses', 'Failed to delete file accesses'],
    ['files', 'Failed to delete file record'],
  ])('in the delete of %s is told as the contract has it', async (table, text) => {
    const file = await alice.file(`${table}.txt`);
    await drive.probe.run(
      `INSERT INTO accesses (fileId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt) VALUES (?, 'x', ?, '[]', '[]', 1, 0, 0, 0, '{}', 0)`,
      [file.id, crypto.randomUUID().replaceAll('-', '')],
    );
    const lift = await drive.probe.plantFault('DELETE', table);
    const answer = await send(...head('DELETE', `/api/files/${file.id}`, `Authorization: Bearer ${alice.token}`));
    await lift();
    expectError(answer, 500, text);
    expect(answer.text).not.toContain('planted');
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(200);
  });
});
