import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { requireQuickBeside } from '../support/latency.js';
import { memoryWhile, MOST_MIB } from '../support/memory.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { share } from '../support/sharing.js';
import { amount } from './support/plan.js';
import { uploadHead } from './support/requests.js';

/** Milliseconds for which each attack goes on. */
const ATTACK_MS = amount(1_500, 10_000);
/** Milliseconds that a small request may take, whatever it takes else; the long form shares the machine with other parts. */
const UNNOTICED = amount(100, 1_000);
/** The same while places run short. */
const A_SECOND = amount(1_000, 3_000);

const OBJECTS = Array.from({ length: 21_000 }, () => ({}));

let server: Server;
let probe: Probe;
let mallory: Client;
let bob: Client;
beforeAll(async () => {
  server = await Server.start(await Server.environment({ LOG_LEVEL: 'silent', DEFAULT_MAX_FILES: '1000' }));
  mallory = await server.client.signUp('mallory');
  bob = await server.client.signUp('bob');
  probe = await openProbe(server.config);
});
afterAll(async () => {
  await probe.close();
  await server.kill();
  rmSync(dirname(server.config.dataDir), { recursive: true });
});

/** While the attack goes on others are served, and the process does not grow. */
async function holds(attack: () => Promise<unknown>, unnoticedMs = UNNOTICED): Promise<void> {
  const grown = await memoryWhile(server.process.pid!, () => requireQuickBeside(bob, attack, unnoticedMs));
  expect(grown).toBeLessThan(MOST_MIB);
}

/** Sends the same over and over, from so many places. */
async function flood(places: number, send: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + ATTACK_MS;
  const work = async () => {
    while (Date.now() < deadline) await send();
  };
  await Promise.all(Array.from({ length: places }, work));
}

/** Connections that ask and then read nothing, until they are let go. */
async function unread(count: number, requests: string, addressOf: (n: number) => string = () => '127.0.0.1') {
  const { hostname, port } = new URL(server.config.publicUrl);
  const sockets: Socket[] = Array.from({ length: count }, (_, n) => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: addressOf(n) });
    socket.on('error', () => undefined).pause();
    socket.write(requests);
    return socket;
  });
  await delay(ATTACK_MS);
  for (const socket of sockets) socket.destroy();
}

describe('nobody else waits, and the memory is bounded, while one caller sends', () => {
  it.each([
    ['8,000 keys', '/api/signup', JSON.stringify(Object.fromEntries(Array.from({ length: 8_000 }, (_, n) => [n, 1])))],
    ['21,000 objects', '/api/signup', JSON.stringify(OBJECTS)],
    ['a list of 21,000 objects', '/api/login', JSON.stringify({ username: OBJECTS, password: 'x' })],
  ])('JSON of %s, without a token', async (_, path, body) => {
    const headers = { 'content-type': 'application/json' };
    const { client } = server;
    await holds(() => flood(2, async () => (await client.fetch(path, { method: 'POST', body, headers })).text()));
  });

  it('names of 38,000 combining marks', async () => {
    const name = `a${'\u0301\u0316'.repeat(19_000)}`;
    await holds(() => flood(2, async () => expect((await mallory.upload(name, 'x')).status).toBe(400)));
  });
});

describe('nobody else waits, and the memory is bounded, while one caller reads nothing of', () => {
  it('lists of all the accesses that there may be, and more', async () => {
    const moll = await server.client.signUp('moll');
    const { id } = await moll.file('shared.txt');
    const { access } = (await moll.post(`/api/files/${id}/accesses`, { public: true })).body;
    const [row] = await probe.rows<Record<string, string | number | null>>('SELECT * FROM accesses WHERE id = ?', [
      access.id,
    ]);
    const columns = Object.keys(row!).filter((column) => column !== 'id');
    const marks = `(${columns.map(() => '?').join(', ')})`;
    for (let from = 0; from < 20_000; from += 1_000) {
      const link = (n: number) => (from + n).toString(16).padStart(32, '0');
      const some = Array.from({ length: 1_000 }, (_, n) => ({ ...row!, link: link(n) }) as typeof row);
      await probe.run(
        `INSERT INTO accesses (${columns.join(', ')}) VALUES ${some.map(() => marks).join(', ')}`,
        some.flatMap((one) => columns.map((column) => one![column] ?? null)),
      );
    }
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${moll.token}\r\n\r\n`;
    const requests = [`/api/files/${id}/accesses`, '/api/accesses?limit=200', '/api/files/stats'].map(get).join('');
    await holds(() => unread(12, requests));
  }, 120_000);

  it('downloads of one link, from one place and from many', async () => {
    const { link } = await share(mallory, {}, { name: 'large.bin', bytes: new Uint8Array(8 * 1024 * 1024) });
    const request = `GET ${new URL(link).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const count = amount(500, 2_000);
    await holds(() => unread(count, request), A_SECOND);
    await holds(() => unread(count, request, (n) => `127.0.0.${2 + (n % 8)}`), A_SECOND);
  }, 120_000);
});

it('small requests are answered while uploads that send next to nothing hold all places, and more wait', async () => {
  const slow = [mallory, await server.client.signUp('marvin')];
  const { hostname, port } = new URL(server.config.publicUrl);
  await holds(async () => {
    const sockets = slow.flatMap(({ token }) =>
      Array.from({ length: 32 }, (_, n) => {
        const socket = connect(Number(port), hostname).on('error', () => undefined);
        socket.write(uploadHead(token!, `slow ${n}.bin`, 10_000_000));
        return socket;
      }),
    );
    for (const deadline = Date.now() + ATTACK_MS; Date.now() < deadline; await delay(100)) {
      for (const socket of sockets) if (socket.writable) socket.write('x'.repeat(110));
    }
    for (const socket of sockets) socket.destroy();
  }, A_SECOND);
});
