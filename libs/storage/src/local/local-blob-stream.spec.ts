import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
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

  describe('poured out', () => {
    it('hands on everything piece by piece, none while one is being taken, and closes its source', async () => {
      const { blob, state } = source(LENGTH);
      const stream = new LocalBlobStream(blob, 0, LENGTH - 1);
      const closed = once(stream, 'close');
      const taken: Buffer[] = [];
      let taking = 0;
      const all = await stream.pour(async (piece) => {
        taking += 1;
        await new Promise(setImmediate);
        expect(taking).toBe(1);
        taken.push(Buffer.from(piece));
        taking -= 1;
        return true;
      });
      await closed;
      expect([all, taken.map(({ length }) => length)]).toEqual([true, [PIECE, PIECE, PIECE, 7]]);
      expect(Buffer.concat(taken).equals(state.bytes)).toBe(true);
      expect(state).toMatchObject({ reads: 4, closed: 1 });
    });

    it('leaves a piece as it is until it is taken', async () => {
      const streams = Array.from({ length: 24 }, (_, salt) => source(LENGTH + salt, salt));
      await Promise.all(
        streams.map(async ({ blob, state }, n) => {
          const taken: Buffer[] = [];
          await new LocalBlobStream(blob, 0, state.bytes.length - 1).pour(async (piece) => {
            for (let turn = 0; turn < n % 5; turn += 1) await new Promise(setImmediate);
            taken.push(Buffer.from(piece));
            return true;
          });
          expect(Buffer.concat(taken).equals(state.bytes)).toBe(true);
        }),
      );
    });

    it('holds small pieces only where many have been read and not taken, and large ones again once they are over', async () => {
      const largest = async () => {
        const { blob } = source(LENGTH);
        let bytes = 0;
        const done = new LocalBlobStream(blob, 0, LENGTH - 1).pour((piece) => {
          bytes = Math.max(bytes, piece.length);
          return Promise.resolve(true);
        });
        expect(await done).toBe(true);
        return bytes;
      };
      const held = Array.from({ length: 64 }, () => {
        const { blob } = source(LENGTH);
        let go = (_taken: boolean) => {};
        const taken = new Promise<boolean>((resolve) => (go = resolve));
        return { go, poured: new LocalBlobStream(blob, 0, LENGTH - 1).pour(() => taken) };
      });
      expect(await largest()).toBe(64 * 1024);
      // One is served, one's client has gone.
      held[0]!.go(true);
      held[1]!.go(false);
      expect(await Promise.all([held[0]!.poured, held[1]!.poured])).toEqual([true, false]);
      expect(await largest()).toBe(PIECE);
      held.forEach(({ go }) => go(false));
      await Promise.all(held.map(({ poured }) => poured));
    });

    it('lets go of its source under no read when nobody takes any more', async () => {
      const { blob, state } = source(LONG);
      const stream = new LocalBlobStream(blob, 0, LONG - 1);
      const closed = once(stream, 'close');
      expect(await stream.pour(() => Promise.resolve(false))).toBe(false);
      await closed;
      expect(state.reads).toBeLessThan(LONG / PIECE);
      expect(state).toMatchObject({ closed: 1, closedUnderRead: false });
    });

    it('fails when the blob has become shorter', async () => {
      const { blob } = source(PIECE + 5);
      const stream = new LocalBlobStream(blob, 0, LENGTH - 1);
      await expect(stream.pour(() => Promise.resolve(true))).rejects.toThrow('Too short');
      stream.destroy();
    });
  });
});
