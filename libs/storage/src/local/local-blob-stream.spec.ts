import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BlobSource, LocalBlobStream } from './local-blob-stream.js';

const PIECE = 512 * 1024;
/** Three whole pieces and a bit: buffers are used again, and the last is not full. */
const LENGTH = 3 * PIECE + 7;
/** More than the buffers of a connection hold, so that the last pieces wait for the client. */
const LONG = 16 * 1024 * 1024;

/** Each byte tells its position, so that one in a wrong place shows; `salt` tells one source's from another's. */
function source(length: number, salt = 0) {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at += 1) words[at] = at * 31 + salt;
  const bytes = Buffer.from(words.buffer, 0, length);
  const state = { bytes, reads: 0, reading: 0, closedUnderRead: false, closed: 0 };
  const blob: BlobSource = {
    fill: async (buffer, position) => {
      state.reads += 1;
      state.reading += 1;
      await new Promise(setImmediate);
      state.reading -= 1;
      if (position + buffer.length > length) throw new Error('Too short');
      bytes.copy(buffer, 0, position, position + buffer.length);
    },
    close: () => {
      state.closedUnderRead ||= state.reading > 0;
      state.closed += 1;
      return Promise.resolve();
    },
  };
  return { blob, state };
}

describe('LocalBlobStream', () => {
  it.each([
    ['all of it', 0, LENGTH - 1],
    ['a part', 3, PIECE + 9],
    ['one byte', 5, 5],
  ])('gives %s to whoever reads it, and closes its source once', async (_what, start, end) => {
    const { blob, state } = source(LENGTH);
    const chunks = (await new LocalBlobStream(blob, start, end).toArray()) as Buffer[];
    expect(Buffer.concat(chunks).equals(state.bytes.subarray(start, end + 1))).toBe(true);
    expect(state.closed).toBe(1);
  });

  it('gives chunks that stay as they are to a destination that holds on to them', async () => {
    const { blob, state } = source(LENGTH);
    const through = new PassThrough({ highWaterMark: LONG });
    new LocalBlobStream(blob, 0, LENGTH - 1).pipe(through);
    await once(through, 'finish');
    expect(Buffer.concat((await through.toArray()) as Buffer[]).equals(state.bytes)).toBe(true);
  });

  it('closes its source when it is destroyed before it was read', async () => {
    const { blob, state } = source(LENGTH);
    const stream = new LocalBlobStream(blob, 0, LENGTH - 1);
    stream.destroy();
    await once(stream, 'close');
    expect([state.reads, state.closed]).toEqual([0, 1]);
  });

  it('closes its source under no read', async () => {
    const { blob, state } = source(LENGTH);
    const stream = new LocalBlobStream(blob, 0, LENGTH - 1);
    stream.read();
    expect(state.reading).toBe(1);
    stream.destroy();
    await once(stream, 'close');
    expect(state).toMatchObject({ closed: 1, closedUnderRead: false });
  });

  describe('piped into an answer', () => {
    let server: Server;
    let answer: (response: ServerResponse) => void;
    beforeEach(async () => {
      server = createServer((_request, response) => answer(response));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    afterEach(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });

    const send = (stream: Readable, length: number) => {
      answer = (response) => {
        response.setHeader('content-length', length);
        stream.pipe(response);
      };
    };
    const port = () => (server.address() as AddressInfo).port;
    const get = async () => {
      const [response] = (await once(request(`http://127.0.0.1:${port()}/`).end(), 'response')) as [IncomingMessage];
      return response;
    };

    it('sends everything, and closes its source', async () => {
      const { blob, state } = source(LENGTH);
      const stream = new LocalBlobStream(blob, 0, LENGTH - 1);
      const closed = once(stream, 'close');
      send(stream, LENGTH);
      expect(Buffer.concat((await (await get()).toArray()) as Buffer[]).equals(state.bytes)).toBe(true);
      await closed;
      expect(state).toMatchObject({ reads: 4, closed: 1 });
    });

    it('sends each of many answers its own bytes, while slow clients have yet to read theirs', async () => {
      const sources = new Map(Array.from({ length: 24 }, (_, salt) => [LONG + salt, source(LONG + salt, salt)]));
      const waiting = [...sources.values()];
      answer = (response) => {
        const { blob, state } = waiting.pop()!;
        response.setHeader('content-length', state.bytes.length);
        new LocalBlobStream(blob, 0, state.bytes.length - 1).pipe(response);
      };
      const check = async (response: IncomingMessage) => {
        const { bytes } = sources.get(Number(response.headers['content-length']))!.state;
        expect(Buffer.concat((await response.toArray()) as Buffer[]).equals(bytes)).toBe(true);
      };
      const slow = await Promise.all(Array.from({ length: 12 }, () => get()));
      for (let left = 12; left > 0; left -= 4) {
        await Promise.all(Array.from({ length: 4 }, async () => check(await get())));
      }
      await Promise.all(slow.map(check));
      expect([...sources.values()].map(({ state }) => state.closed)).toEqual(Array.from(sources, () => 1));
    });

    it('lets go of its source when the client goes in the middle', async () => {
      const { blob, state } = source(LONG);
      const stream = new LocalBlobStream(blob, 0, LONG - 1);
      const closed = once(stream, 'close');
      send(stream, LONG);
      (await get()).destroy();
      await closed;
      expect(state.reads).toBeLessThan(LONG / PIECE);
      expect(state).toMatchObject({ closed: 1, closedUnderRead: false });
    });

    it('breaks the answer off when the blob has become shorter', async () => {
      const { blob, state } = source(PIECE + 5);
      const stream = new LocalBlobStream(blob, 0, LENGTH - 1);
      stream.on('error', () => undefined);
      answer = (response) => {
        response.setHeader('content-length', LENGTH);
        stream.once('close', () => response.destroy());
        stream.pipe(response);
      };
      await expect(get().then((response) => response.toArray())).rejects.toThrow();
      expect(state.closed).toBe(1);
    });
  });
});
