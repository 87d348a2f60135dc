import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Server } from '../support/server.js';

/** Bytes of the largest body that is taken as JSON. */
const LARGEST = 64 * 1024;
/** Tries of each; the quickest counts, since a busy machine can only add to it. */
const TRIES = 5;
/** How much longer than a plain body the worst may take; the faults that this is about took it a hundredfold. */
const TIMES = 10;
/** Milliseconds: a plain body that takes less is taken for one that takes this. */
const FLOOR_MS = 2;
/** Bytes of an answer to what is refused. */
const LARGEST_ANSWER = 16 * 1024;

const filled = (unit: string, separator: string, begin: string, end: string): string => {
  const count = Math.floor((LARGEST - begin.length - end.length) / (unit.length + separator.length));
  return begin + Array.from({ length: count }, () => unit).join(separator) + end;
};
const keyed = (key: (n: number) => string): string => {
  let body = '{';
  for (let n = 0; body.length < LARGEST - 1_100; n++) body += `${n === 0 ? '' : ','}"${key(n)}":1`;
  return `${body}}`;
};

const SHAPES: [string, string][] = [
  ['unknown keys', keyed((n) => `${n}`)],
  ['64 unknown keys that are long', keyed((n) => `${n}`.padEnd(1_000, 'k'))],
  ['empty objects', filled('{}', ',', '[', ']')],
  ['empty objects as a value', filled('{}', ',', '{"username":[', ']}')],
  ['empty lists as networks', filled('[]', ',', '{"subnets":[', ']}')],
  ['numbers', filled('1', ',', '[', ']')],
  ['addresses that are none', filled('"1"', ',', '{"ips":[', ']}')],
  ['networks that are none', filled('"10.0.0.0/99"', ',', '{"subnets":[', ']}')],
  ['a long user name', filled('a', '', '{"password":"","username":"', '"}')],
  ['a long name of combining marks', filled('\\u0301', '', '{"username":"bob","name":"', '"}')],
  ['a long e-mail address', filled('a.', '', '{"username":"bob","email":"', '@example.org"}')],
  ['an e-mail address of many parts', filled('a@', '', '{"email":"', 'example.org"}')],
  ['a long name of blanks', filled(' ', '', '{"name":"', '"}')],
  ['a long time', filled('9', '', '{"expires":"2030-01-01T00:00:00.', 'Z"}')],
  ['a long number', filled('9', '', '{"ttl":', '}')],
  ['brackets', filled('[', '', '', '')],
  ['quotes', filled('\\"', '', '{"name":"', '"}')],
];

describe('what a small request costs', () => {
  let server: Server;
  let alice: Client;
  let routes: { method: string; path: string }[];

  beforeAll(async () => {
    const limits = { LOGIN_LIMIT: '1000000/1h', SIGNUP_LIMIT: '1000000/1h', LINK_LIMIT: '1000000/1h' };
    server = await Server.start(await Server.environment({ LOG_LEVEL: 'silent', ...limits }));
    alice = await server.client.signUp('alice');
    const file = await alice.file('a.txt');
    expect(file.id).toBe(1);
    expect((await alice.post('/api/files/1/accesses', {})).body.access.id).toBe(1);
    const { body } = await server.client.get('/docs/json');
    routes = Object.entries(body.paths as Record<string, Record<string, { requestBody?: unknown }>>).flatMap(
      ([path, methods]) =>
        Object.entries(methods)
          .filter(([method]) => !['get', 'head', 'delete'].includes(method))
          .map(([method]) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, '1') })),
    );
    expect(routes.length).toBeGreaterThan(8);
  });
  // A route that is tried ends sessions.
  beforeEach(async () => void (alice = await server.client.logIn('alice')));
  afterAll(async () => void (await server.kill()));

  /** Milliseconds of the quickest of some tries, and bytes of the answer. */
  const cost = async (client: Client, method: string, path: string, init: RequestInit) => {
    let ms = Infinity;
    let bytes = 0;
    for (let n = 0; n < TRIES && ms > FLOOR_MS * TIMES - 1; n++) {
      const began = performance.now();
      const answer = await client.fetch(path, { method, ...init });
      bytes = (await answer.arrayBuffer()).byteLength;
      ms = Math.min(ms, performance.now() - began);
    }
    return { ms, bytes };
  };
  const headers = { 'content-type': 'application/json' };
  const plain = { body: '{"username":"nobody","password":"wrong"}', headers };

  it.each(SHAPES)('is bounded for JSON of %s, on every route', async (_shape, body) => {
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(LARGEST);
    for (const { method, path } of routes) {
      for (const client of [server.client, alice]) {
        const bound = TIMES * Math.max(FLOOR_MS, (await cost(client, method, path, plain)).ms);
        const { ms, bytes } = await cost(client, method, path, { body, headers });
        expect([method, path, ms < bound || `${ms} ms`, bytes < LARGEST_ANSWER || bytes]).toEqual([
          method,
          path,
          true,
          true,
        ]);
      }
    }
  });

  it.each([
    ['combining marks', '\u0301'.repeat(38_000)],
    ['combining marks in the wrong order', '\u0301\u0323'.repeat(19_000)],
    ['letters', 'a'.repeat(76_000)],
    ['what decomposes', '\uFDFA'.repeat(25_000)],
  ])('is bounded for a file whose name is of %s', async (_shape, name) => {
    const upload = (fileName: string): RequestInit => ({
      body: `--b\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n\r\nx\r\n--b--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    });
    const bound = TIMES * Math.max(FLOOR_MS, (await cost(alice, 'POST', '/api/upload', upload(''))).ms);
    expect((await cost(alice, 'POST', '/api/upload', upload(name))).ms).toBeLessThan(bound);
    expect((await alice.request('/api/upload', { method: 'POST', ...upload(name) })).status).toBe(400);
  });

  it('is bounded for what a query says', async () => {
    const bound = TIMES * Math.max(FLOOR_MS, (await cost(alice, 'GET', '/api/files', {})).ms);
    for (const query of [
      `q=${'%CC%81'.repeat(2_000)}`,
      `cursor=${'a'.repeat(12_000)}`,
      Array.from({ length: 2_000 }, (_, n) => `k${n}=`).join('&'),
      `q=${'&q='.repeat(3_000)}`,
    ]) {
      const { ms, bytes } = await cost(alice, 'GET', `/api/files?${query}`, {});
      expect([query.slice(0, 10), ms < bound || ms, bytes < LARGEST_ANSWER || bytes]).toEqual([
        query.slice(0, 10),
        true,
        true,
      ]);
    }
  });
});
