import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { watchConnections } from './connections.js';

/** More than the buffers of a connection hold. */
const LENGTH = 32 * 1024 * 1024;

describe('watchConnections', () => {
  let server: FastifyInstance;
  let client: Socket;
  let source: Readable;

  const listen = async (graceMs = 30_000): Promise<void> => {
    server = fastify();
    watchConnections(server, graceMs);
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
    await once(client, 'connect');
  };
  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  const ask = async (): Promise<void> => {
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(client, 'readable');
  };

  it('lets go of what an answer is read from when its client goes', async () => {
    await listen();
    await ask();
    client.destroy();
    await once(source, 'close');
    expect(source.readableEnded).toBe(false);
  });

  it('closes a connection that has never said anything when the server stops', async () => {
    await listen();
    await server.close();
    client.resume();
    await once(client, 'close');
  });

  it('lets an answer run to its end when the server stops, and then closes its connection', async () => {
    await listen();
    await ask();
    const closed = server.close();
    let bytes = 0;
    client.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await Promise.all([closed, once(client, 'close')]);
    expect(bytes).toBeGreaterThan(LENGTH);
  });

  it('ends an answer that nobody reads after its grace when the server stops', async () => {
    await listen(300);
    await ask();
    await server.close();
    await once(source, 'close');
    expect(source.readableEnded).toBe(false);
  });
});
