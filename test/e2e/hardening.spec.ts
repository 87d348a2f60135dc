import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { RawClient } from '../support/raw.js';
import { accessNow, share } from '../support/sharing.js';

let alice: Client;
const drive = driveFixture({ TRUSTED_PROXIES: '127.0.0.1' }, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

describe('a client that closes its side behind its request', () => {
  it('gets its answer, for which a link is spent', async () => {
    const shared = await share(
      alice,
      { oneTimeUse: true },
      { name: 'once.bin', bytes: new Uint8Array(3_000_000).fill(65) },
    );
    const { hostname, port, pathname } = new URL(shared.link);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.end(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.endsWith('A'.repeat(3_000_000))).toBe(true);
    expect((await accessNow(alice, shared)).used).toBe(true);
  });
});

describe('a request', () => {
  it('with two hosts is refused', async () => {
    const raw = await RawClient.connect(drive.url);
    raw.send('GET /api/health HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n');
    expect((await raw.answer()).status).toBe(400);
    raw.destroy();
  });

  it('with a token that demands to be understood is not let in', async () => {
    const secret = readFileSync(join(drive.config.dataDir, 'jwt.secret'), 'utf8').trim();
    const [, payload] = alice.token!.split('.') as [string, string];
    const signed = (header: object) => {
      const body = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
      return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
    };
    const status = async (token: string) =>
      (await drive.anonymous().fetch('/api/files', { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await status(signed({ typ: 'JWT', alg: 'HS256' }))).toBe(200);
    expect(await status(signed({ alg: 'HS256', typ: 'JWT', crit: ['exp'] }))).toBe(401);
    expect(await status(signed({ alg: 'HS256', crit: [] }))).toBe(401);
  });
});

describe('Swagger UI', () => {
  it('has a policy, and keeps no token', async () => {
    const { status, headers } = await drive.anonymous().fetch('/docs');
    expect([status, headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringMatching(/default-src 'none'; script-src 'self';.* frame-ancestors 'none'/),
    ]);
    const script = await (await drive.anonymous().fetch('/docs/swagger-ui-init.js')).text();
    expect(script).toContain('"persistAuthorization": false');
  });

  it.each([
    ['swagger-ui.css', 200],
    ['swagger-ui-bundle.js', 200],
    ['package.json', 404],
    ['README.md', 404],
    ['absolute-path.js', 404],
    ['swagger-ui-bundle.js.map', 404],
    ['./package.json', 404],
    ['%70ackage.json', 404],
  ])('serves of its package only its own: %s is %i', async (name, status) => {
    const raw = await RawClient.connect(drive.url);
    raw.send(`GET /docs/${name} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await raw.answer()).status).toBe(status);
    raw.destroy();
  });
});

describe('wrong log-ins of one network', () => {
  const from = (address: string, body: object) =>
    drive.anonymous().request('/api/login', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    });

  it('for any number of names keep nobody else out, and come to an end', async () => {
    const state = { over: false };
    const statuses = new Set<number>();
    const guess = async (n: number) => {
      for (let round = 0; !state.over && round < 40; round++)
        statuses.add(
          (await from('198.51.100.7', { username: `name${n}x${round}`, password: 'wrong password' })).status,
        );
    };
    const guesses = Array.from({ length: 60 }, (_, n) => guess(n));
    const right = Array.from({ length: 40 }, (_, n) =>
      from(`203.0.113.${n + 1}`, { username: 'alice', password: 'correct horse battery' }),
    );
    const answers = await Promise.all(right);
    state.over = true;
    await Promise.all(guesses);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    expect(statuses).toContain(401);
    expect(statuses.has(429) || statuses.has(503)).toBe(true);
  });
});
