import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrashDrive } from './support/crash-drive.js';
import { amount, PATIENCE_MS } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { uploadHead } from './support/requests.js';
import { tally } from './support/report.js';
import { RawSocket } from './support/sockets.js';

/** Milliseconds within which everybody else is answered, however others behave; on two cores that run tests besides. */
const SLOWEST_MS = 10_000;
/** Milliseconds for which slow clients go on. */
const SLOW_FOR_MS = amount(2_000, 8_000);

describe('while others misbehave, the drive answers', () => {
  let drive: CrashDrive;
  let alice: Recorder;
  let bob: Recorder;
  beforeAll(async () => {
    drive = await CrashDrive.create(['alice', 'bob']);
    [alice, bob] = drive.people as [Recorder, Recorder];
    expect(await drive.start()).toBeUndefined();
  });
  afterAll(() => drive.destroy());

  /** Uses the drive until the abuse is over. @returns how long the slowest answer took, in milliseconds */
  const useMeanwhile = async (abuse: Promise<unknown>): Promise<number> => {
    const state = { over: false };
    void abuse.finally(() => (state.over = true)).catch(() => undefined);
    let slowest = 0;
    const timed = async <Result>(work: Promise<Result>): Promise<Result> => {
      const began = performance.now();
      const result = await work;
      slowest = Math.max(slowest, performance.now() - began);
      return result;
    };
    for (let round = 1; round === 1 || !state.over; round++) {
      const file = await timed(alice.upload(`round ${round}.txt`, 1_000));
      expect(file.upload).toBe('acknowledged');
      await timed(alice.download(file));
      expect(await timed(alice.remove(file))).toBe('acknowledged');
      expect((await timed(alice.client.get('/api/health'))).status).toBe(200);
    }
    await abuse;
    await drive.assertTrueAtRest('after abuse');
    return slowest;
  };

  const sockets = (count: number) => Array.from({ length: count }, () => new RawSocket(drive.url));

  it(
    'beside 500 connections that send a byte a second',
    async () => {
      const slow = sockets(500);
      const deadline = Date.now() + SLOW_FOR_MS;
      const request = `GET /api/health HTTP/1.1\r\nHost: drive\r\nX-Slow: ${'x'.repeat(1_000)}\r\n\r\n`;
      expect(
        await useMeanwhile(Promise.all(slow.map((socket) => socket.trickle(request, 1_000, deadline)))),
      ).toBeLessThan(SLOWEST_MS);
      for (const socket of slow) socket.destroy();
      tally.requests += slow.length;
    },
    PATIENCE_MS,
  );

  it(
    'beside uploads of one person that are begun and never end',
    async () => {
      const half = sockets(60);
      for (const [n, socket] of half.entries()) socket.send(uploadHead(bob.client.token!, `half ${n}.txt`, 100_000));
      const deadline = Date.now() + SLOW_FOR_MS;
      let slowest = 0;
      for (let round = 1; Date.now() < deadline; round++) {
        // They are slow, but not so slow that the pace of a body would end them.
        for (const socket of half) socket.send('x');
        const began = performance.now();
        const file = await alice.upload(`round ${round}.txt`);
        expect(file.upload).toBe('acknowledged');
        expect(await alice.remove(file)).toBe('acknowledged');
        slowest = Math.max(slowest, performance.now() - began);
      }
      expect(slowest).toBeLessThan(SLOWEST_MS);
      for (const socket of half) socket.destroy();
      await drive.assertTrueAtRest('after half uploads');
      tally.requests += half.length;
    },
    PATIENCE_MS,
  );

  it(
    'beside floods of headers, which it refuses',
    async () => {
      const flood = async (socket: RawSocket) => {
        socket.send('GET /api/health HTTP/1.1\r\nHost: drive\r\n');
        for (let n = 0; n < 2_000; n++) socket.send(`X-Flood-${n}: ${'x'.repeat(100)}\r\n`);
        await socket.end();
        expect(socket.answer).toMatch(/^HTTP\/1\.1 431 /);
      };
      expect(await useMeanwhile(Promise.all(sockets(50).map(flood)))).toBeLessThan(SLOWEST_MS);
      tally.requests += 50;
    },
    PATIENCE_MS,
  );

  it(
    'beside forms of 10,000 fields, which it refuses',
    async () => {
      const form = Array.from(
        { length: 10_000 },
        (_, n) => `--b\r\nContent-Disposition: form-data; name="f${n}"\r\n\r\nx\r\n`,
      );
      const body = `${form.join('')}--b--\r\n`;
      const headers = { 'content-type': 'multipart/form-data; boundary=b' };
      const post = async () => {
        const { status, body: answer } = await bob.client.request('/api/upload', { method: 'POST', body, headers });
        expect([status, answer.error]).toEqual([400, 'No file provided']);
      };
      expect(await useMeanwhile(Promise.all(Array.from({ length: 20 }, post)))).toBeLessThan(SLOWEST_MS);
    },
    PATIENCE_MS,
  );

  it.each([
    ['deep arrays', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['deep objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
    [
      'a deep value',
      `{"username":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)},"password":"x","email":"x","name":"x"}`,
    ],
    ['a deep list', `{"username":${'['.repeat(30_000)}${']'.repeat(30_000)},"password":"x","email":"x","name":"x"}`],
    ['5,000 fields', JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, n])))],
    ['a prototype', '{"__proto__":{"admin":true},"username":"x"}'],
  ])(
    'beside JSON of %s, which it refuses',
    async (_what, body) => {
      const headers = { 'content-type': 'application/json' };
      const post = async () => {
        const answer = await bob.client.request('/api/signup', { method: 'POST', body, headers });
        expect(answer.status).toBe(400);
        expect(JSON.stringify(answer.body).length).toBeLessThan(2_000_000);
      };
      expect(await useMeanwhile(Promise.all(Array.from({ length: 20 }, post)))).toBeLessThan(SLOWEST_MS);
    },
    PATIENCE_MS,
  );

  const pipelined = (paths: readonly string[]) =>
    paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: drive\r\n\r\n`).join('');

  it(
    'beside requests that do not wait for answers, all of which it answers in order',
    async () => {
      const ahead = Array.from({ length: 30 }, (_, n) => (n % 2 === 0 ? '/api/health' : '/api/files'));
      const last = 'GET /api/health HTTP/1.1\r\nHost: drive\r\nConnection: close\r\n\r\n';
      const pipeline = async (socket: RawSocket) => {
        socket.send(pipelined(ahead) + last);
        await socket.end();
        const statuses = [...socket.answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
        expect(statuses).toEqual([...ahead.map((path) => (path === '/api/health' ? '200' : '401')), '200']);
      };
      expect(await useMeanwhile(Promise.all(sockets(amount(20, 200)).map(pipeline)))).toBeLessThan(SLOWEST_MS);
      tally.requests += amount(20, 200) * 31;
    },
    PATIENCE_MS,
  );

  it(
    'beside floods of requests that never wait for an answer, which it ends',
    async () => {
      const flood = pipelined(Array.from({ length: 2_000 }, () => '/api/health'));
      const pour = async (socket: RawSocket) => {
        socket.send(flood);
        await socket.end();
        expect(socket.answer.length).toBeLessThan(flood.length);
      };
      expect(await useMeanwhile(Promise.all(sockets(20).map(pour)))).toBeLessThan(SLOWEST_MS);
      tally.requests += 20 * 2_000;
    },
    PATIENCE_MS,
  );
});
