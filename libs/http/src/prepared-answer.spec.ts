import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PouredStream, type PreparedAnswer, sendPrepared } from './prepared-answer.js';

const PIECE = 512 * 1024;
/** More than the buffers of a connection hold, so that the last pieces wait for the client. */
const LONG = 16 * 1024 * 1024;

/** Uses the memory of one piece for all of them. */
class Source extends Readable implements PouredStream {
  poured = 0;

  constructor(
    readonly length: number,
    readonly salt = 0,
    readonly failsAt = Infinity,
  ) {
    super();
  }

  /** Each piece tells where it belongs, and whose it is. */
  get bytes(): Buffer {
    const all = Buffer.alloc(this.length);
    for (let at = 0; at < this.length; at += PIECE) all.subarray(at, at + PIECE).fill((at / PIECE + this.salt) % 251);
    return all;
  }

  async pour(take: (piece: Buffer) => Promise<boolean>): Promise<boolean> {
    const memory = Buffer.alloc(PIECE);
    for (; this.poured < this.length; this.poured += PIECE) {
      if (this.poured >= this.failsAt) throw new Error('The source has become shorter');
      memory.fill((this.poured / PIECE + this.salt) % 251);
      if (await take(memory.subarray(0, Math.min(PIECE, this.length - this.poured)))) continue;
      this.destroy();
      return false;
    }
    this.push(null);
    this.resume();
    return true;
  }

  override _read(): void {
    throw new Error('It is to be poured');
  }
}

describe('sendPrepared', () => {
  let server: FastifyInstance;
  let prepare: () => PreparedAnswer;

  beforeEach(async () => {
    server = fastify();
    server.get('/', (_request, reply) => sendPrepared(reply, prepare()));
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    server.server.closeAllConnections();
    await server.close();
  });

  const get = async () => {
    const { port } = server.server.address() as AddressInfo;
    const [response] = (await once(request(`http://127.0.0.1:${port}/`).end(), 'response')) as [IncomingMessage];
    return response;
  };
  const bytesOf = async (response: IncomingMessage) => Buffer.concat((await response.toArray()) as Buffer[]);
  const poured = (source: Source): PreparedAnswer => ({
    status: 200,
    headers: { 'content-length': source.length },
    body: source,
  });

  it('sends status, headers and nothing, bytes, or a stream that is only read', async () => {
    const bodies = [undefined, Buffer.from('bytes'), Readable.from([Buffer.from('by'), Buffer.from('tes')])];
    const waiting = [...bodies];
    prepare = () => ({ status: 206, headers: { etag: '"x"', 'content-type': 'a/b' }, body: waiting.shift() });
    for (const body of bodies) {
      const response = await get();
      expect([response.statusCode, response.headers.etag]).toEqual([206, '"x"']);
      expect((await bytesOf(response)).toString()).toBe(body ? 'bytes' : '');
    }
  });

  it('pours a source out, and lets go of it', async () => {
    const source = new Source(3 * PIECE + 7);
    prepare = () => poured(source);
    const closed = once(source, 'close');
    expect((await bytesOf(await get())).equals(source.bytes)).toBe(true);
    await closed;
  });

  it('sends each of many answers its own bytes, while slow clients have yet to read theirs', async () => {
    const sources = new Map(Array.from({ length: 12 }, (_, salt) => [LONG + salt, new Source(LONG + salt, salt)]));
    const waiting = [...sources.values()];
    prepare = () => poured(waiting.pop()!);
    const check = async (response: IncomingMessage) => {
      const { bytes } = sources.get(Number(response.headers['content-length']))!;
      expect((await bytesOf(response)).equals(bytes)).toBe(true);
    };
    const slow = await Promise.all(Array.from({ length: 6 }, () => get()));
    for (let left = 6; left > 0; left -= 3) {
      await Promise.all(Array.from({ length: 3 }, async () => check(await get())));
    }
    await Promise.all(slow.map(check));
    expect([...sources.values()].every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('lets go of a source whose client goes in the middle', async () => {
    const source = new Source(4 * LONG);
    prepare = () => poured(source);
    const closed = once(source, 'close');
    (await get()).destroy();
    await closed;
    expect(source.poured).toBeLessThan(source.length);
  });

  it('breaks an answer off whose source fails', async () => {
    const source = new Source(2 * PIECE, 0, PIECE);
    prepare = () => poured(source);
    const closed = once(source, 'close');
    await expect(get().then(bytesOf)).rejects.toThrow();
    await closed;
  });
});
