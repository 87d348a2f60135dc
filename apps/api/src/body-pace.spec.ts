import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchBodyPace } from './body-pace.js';

const PACE = { bytes: 1_000, windowMs: 200 };

describe('watchBodyPace', () => {
  let server: Server;
  let client: Socket;
  /** What the server does with a request before it answers. */
  let handle: (request: IncomingMessage) => Promise<void>;
  let ended: Promise<'answered' | 'cut off'>;

  /** Reads to the end. */
  const read = async (request: IncomingMessage) => {
    request.resume();
    await once(request, 'end');
  };

  beforeEach(async () => {
    handle = read;
    server = createServer((request, response) => {
      watchBodyPace(request, PACE);
      handle(request).then(
        () => response.end('ok'),
        () => undefined,
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    client.destroy();
    server.close();
    await once(server, 'close');
  });

  /** Sends the head of a request; its body is to follow. */
  async function begin(head: string): Promise<void> {
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    let answer = '';
    ended = new Promise((resolve) => {
      client.on('data', (chunk) => {
        answer += String(chunk);
        if (answer.includes('ok')) resolve('answered');
      });
      client.on('close', () => resolve('cut off'));
    });
    client.write(`${head}\r\nHost: x\r\n\r\n`);
  }

  /** Sends a byte now and then, until it is cut off or has been at it for long. */
  async function trickle(ms: number): Promise<void> {
    for (const end = performance.now() + ms; performance.now() < end && !client.destroyed; await delay(10))
      client.write('1\r\nx\r\n');
  }

  it.each([
    ['that trickles', () => trickle(5_000)],
    ['that stops', () => delay(0)],
  ])('cuts off a client %s', async (_what, send) => {
    await begin('POST / HTTP/1.1\r\nTransfer-Encoding: chunked');
    const sent = send();
    expect(await ended).toBe('cut off');
    await sent;
  });

  it('cuts off a client that sent a lot first and trickles then', async () => {
    await begin('POST / HTTP/1.1\r\nContent-Length: 2000000');
    client.write(Buffer.alloc(1_000_000));
    expect(await ended).toBe('cut off');
  });

  it('lets a client be that is fast enough, however long it takes', async () => {
    await begin('POST / HTTP/1.1\r\nTransfer-Encoding: chunked');
    for (let n = 0; n < 60; n += 1) {
      client.write(`3e8\r\n${'x'.repeat(1_000)}\r\n`);
      await delay(10);
    }
    client.write('0\r\n\r\n');
    expect(await ended).toBe('answered');
  });

  it('lets a client be whose small body came at once', async () => {
    handle = async (request) => {
      await read(request);
      await delay(3 * PACE.windowMs);
    };
    await begin('POST / HTTP/1.1\r\nContent-Length: 1');
    client.write('x');
    expect(await ended).toBe('answered');
  });

  it('lets a client be that waits for us, and gives it a whole window once we read', async () => {
    handle = async (request) => {
      await delay(2.8 * PACE.windowMs);
      await read(request);
    };
    await begin('POST / HTTP/1.1\r\nContent-Length: 1');
    await delay(3.3 * PACE.windowMs);
    client.write('x');
    expect(await ended).toBe('answered');
  });

  it('lets a client be while we pause', async () => {
    handle = async (request) => {
      request.resume();
      await once(request, 'data');
      request.pause();
      await delay(3 * PACE.windowMs);
      await read(request);
    };
    await begin('POST / HTTP/1.1\r\nContent-Length: 2000000');
    client.write(Buffer.alloc(2_000_000));
    expect(await ended).toBe('answered');
  });

  it('gives a client a whole window again once we go on after a pause', async () => {
    handle = async (request) => {
      request.resume();
      await once(request, 'data');
      request.pause();
      await delay(2.8 * PACE.windowMs);
      await read(request);
    };
    await begin('POST / HTTP/1.1\r\nContent-Length: 2001');
    client.write(Buffer.alloc(2_000));
    await delay(3.3 * PACE.windowMs);
    client.write('x');
    expect(await ended).toBe('answered');
  });

  it('has nothing to say to a request without a body', async () => {
    handle = () => delay(3 * PACE.windowMs);
    await begin('GET / HTTP/1.1');
    expect(await ended).toBe('answered');
  });
});
