import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLACES, watchDownloads } from './downloads.js';

/** More than the buffers of a connection hold. */
const BYTES = Buffer.alloc(32 * 1024 * 1024);
const STALLED_MS = 600;

describe('watchDownloads', () => {
  let server: FastifyInstance;
  const clients: Socket[] = [];

  beforeEach(() => {
    server = fastify({ trustProxy: true });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await server.close();
  });

  const listen = async (places: Partial<typeof PLACES>): Promise<void> => {
    watchDownloads(server, { ...PLACES, lookEveryMs: 20, ...places });
    server.get('/bytes', { config: { download: true } }, (_request, reply) => reply.send(BYTES));
    server.get('/small', (_request, reply) => reply.send('small'));
    await server.listen({ port: 0, host: '127.0.0.1' });
  };
  /** A client that has asked for the bytes and does not read them. @returns it, and the first line of its answer */
  const ask = async (address = '192.0.2.1', path = '/bytes'): Promise<[Socket, string]> => {
    const client = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => undefined);
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\nConnection: close\r\n\r\n`);
    await once(client, 'readable');
    const [line = ''] = String(client.read(100)).split('\r\n');
    return [client, line.slice(9, 12)];
  };
  const ended = async (client: Socket): Promise<number> => {
    let bytes = 100;
    client.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await once(client, 'close');
    return bytes;
  };

  it('lets nobody have more than his share, and others theirs', async () => {
    await listen({ ofNetwork: 2 });
    const statuses = [];
    for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2']) statuses.push((await ask(address))[1]);
    expect(statuses).toEqual(['200', '200', '429', '200']);
    expect((await ask('192.0.2.1', '/small'))[1]).toBe('200');
  });

  it('gives a place back when its download is over, or its client is gone', async () => {
    await listen({ ofNetwork: 2 });
    const [first] = await ask();
    const [second] = await ask();
    expect(await ended(first)).toBeGreaterThan(BYTES.length);
    second.destroy();
    await expect.poll(async () => (await ask())[1]).toBe('200');
    expect((await ask())[1]).toBe('200');
  });

  it('has the one that stalled first give way, and only where places run short', async () => {
    await listen({ all: 2, stalledMs: STALLED_MS });
    const [first] = await ask('192.0.2.1');
    const [second] = await ask('192.0.2.2');
    expect((await ask('192.0.2.3'))[1]).toBe('503');
    // Longer than anybody may stall where others wait; nobody does.
    await delay(2 * STALLED_MS);
    expect((await ask('192.0.2.3'))[1]).toBe('200');
    expect(await ended(first)).toBeLessThan(BYTES.length);
    expect(await ended(second)).toBeGreaterThan(BYTES.length);
  });

  it('has one that moves stay', async () => {
    await listen({ all: 1, stalledMs: STALLED_MS });
    const [client] = await ask();
    client.pause();
    for (let left = 20; left > 0; left--) {
      await delay(STALLED_MS / 6);
      client.read(512 * 1024);
    }
    expect((await ask('192.0.2.3'))[1]).toBe('503');
  });

  it('ends one that has not moved for so long that nobody can be there any more', async () => {
    await listen({ deadMs: STALLED_MS });
    const [client] = await ask();
    await delay(3 * STALLED_MS);
    expect(await ended(client)).toBeLessThan(BYTES.length);
  });
});
