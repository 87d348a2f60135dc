import { afterEach, describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { expectError, head, JSON_TYPE, post } from '../support/errors.js';
import { RawClient } from '../support/raw.js';

let raw: RawClient | undefined;

const drive = driveFixture({}, { checked: 'soon' });
afterEach(() => raw?.destroy());

/** Sends lines over a socket of their own and gives the first answer. */
const send = async (...lines: string[]) => (raw = await RawClient.connect(drive.url)).ask(...lines);

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
