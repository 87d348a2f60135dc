import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { getDefaultHighWaterMark } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientGoneError } from '@app/http';
import { readFilePart } from './multipart.js';

/** More than is read ahead while nobody takes the bytes, and little enough to arrive whole. */
const SIZE = 64 * 1024 + 2 * getDefaultHighWaterMark(false);
const BODY = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${'x'.repeat(SIZE)}\r\n--b--\r\n`;
const HEAD =
  'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n' +
  `Content-Length: ${BODY.length}\r\n\r\n`;

let server: Server;
let client: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
});
afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

async function send(text: string): Promise<IncomingMessage> {
  client.write(text);
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  return request.on('error', () => undefined);
}

async function goneFrom(request: IncomingMessage): Promise<void> {
  client.resetAndDestroy();
  if (!request.closed) await new Promise((resolve) => request.once('close', resolve));
}

describe('a client that goes away', () => {
  it('is noticed when its body has arrived whole and is not read yet', async () => {
    const request = await send(HEAD + BODY);
    let take: () => void;
    const taken = new Promise<void>((resolve) => (take = resolve));
    // Whoever takes the bytes is busy: they wait in the request.
    const reading = readFilePart(request, ({ bytes }) => {
      take();
      return new Promise((resolve) => bytes.once('close', resolve));
    });
    const outcome = reading.catch((error: unknown) => error);
    await taken;
    while (!request.complete) await new Promise(setImmediate);
    expect(request.readableLength).toBeGreaterThan(0);
    await goneFrom(request);
    expect(await outcome).toBeInstanceOf(ClientGoneError);
  });

  it('is noticed when it went before anybody began to read', async () => {
    const request = await send(HEAD);
    await goneFrom(request);
    await expect(readFilePart(request, async () => undefined)).rejects.toBeInstanceOf(ClientGoneError);
  });

  it('is not missed when its body has been read', async () => {
    const request = await send(HEAD + BODY);
    const reading = readFilePart(request, async ({ bytes }) => {
      let size = 0;
      for await (const chunk of bytes) size += (chunk as Buffer).length;
      return size;
    });
    await once(request, 'end');
    await goneFrom(request);
    expect(await reading).toBe(SIZE);
  });
});
