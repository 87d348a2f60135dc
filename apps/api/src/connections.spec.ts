import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchConnections } from './connections.js';

const STALLED_MS = 200;
/** More than the buffers of a connection hold. */
const LENGTH = 32 * 1024 * 1024;

describe('watchConnections', () => {
  let server: FastifyInstance;
  let client: Socket;
  let source: Readable;

  beforeEach(async () => {
    server = fastify();
    watchConnections(server, STALLED_MS);
    let left = LENGTH;
    source = new Readable({
      read(size) {
        const chunk = Buffer.alloc(Math.min(size, left));
        left -= chunk.length;
        this.push(chunk.length > 0 ? chunk : null);
      },
    });
    server.get('/', (_request, reply) => reply.header('content-length', LENGTH).send(source));
    await server.listen({ port: 0, host: '127.0.0.1' });
    client = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  it('gives up an answer whose client has stopped reading, and lets go of what it is read from', async () => {
    client.pause();
    await once(source, 'close');
    expect(source.readableEnded).toBe(false);
    const received: Buffer[] = [];
    client.on('data', (chunk: Buffer) => received.push(chunk)).resume();
    await once(client, 'close');
    expect(Buffer.concat(received).length).toBeLessThan(LENGTH);
  });
});
