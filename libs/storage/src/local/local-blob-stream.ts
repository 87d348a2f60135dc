import { Readable } from 'node:stream';
import { callbackify } from 'node:util';
import type { BlobStream } from '../storage.service.js';
import type { BufferPool } from '../buffer-pool.js';
import { PIECE, ReadRoom } from './read-room.js';

/** 64 MiB of large pieces. */
const room = new ReadRoom(64);

/** What a stream reads from, an open file. */
export interface BlobSource {
  /** Fills the buffer with the bytes from `position` on. @throws Error when there are not as many */
  fill(buffer: Buffer, position: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The bytes of a blob, from `start` to `end`, both included. Closes its source at the end and when it is destroyed,
 * also before anything was read. Poured out, it reads the next piece while one is taken, and uses its buffers again.
 */
export class LocalBlobStream extends Readable implements BlobStream {
  private reading: Promise<Buffer> | undefined;

  constructor(
    private readonly source: BlobSource,
    private position: number,
    private readonly end: number,
  ) {
    super({ highWaterMark: PIECE });
  }

  override _read(): void {
    if (this.left === 0) return void this.push(null);
    this.readInto(Buffer.allocUnsafe(Math.min(PIECE, this.left))).then(
      (piece) => void this.push(piece),
      (error: Error) => void this.destroy(error),
    );
  }

  async pour(take: (piece: Buffer) => Promise<boolean>): Promise<boolean> {
    const pool = room.enter();
    try {
      if (!(await this.pourFrom(pool, take))) return false;
    } finally {
      room.leave(pool);
    }
    this.push(null);
    this.resume();
    return true;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A descriptor that is closed under a read may be another file's by the time it is read.
    const close = async () => {
      await this.reading?.catch(() => undefined);
      await this.source.close();
    };
    callbackify(close)((failure) => done(failure ?? error));
  }

  private get left(): number {
    return this.end + 1 - this.position;
  }

  /** Buffers go back to the pool only when all went well: after a failure, whether anything still uses them is not known. */
  private async pourFrom(pool: BufferPool, take: (piece: Buffer) => Promise<boolean>): Promise<boolean> {
    const buffers = this.left > pool.size ? [pool.take(), pool.take()] : [pool.take()];
    let reading: Promise<Buffer> | undefined = this.readInto(buffers[0]!);
    for (let turn = 1; reading; turn += 1) {
      const piece: Buffer = await reading;
      if (this.destroyed) return false;
      reading = this.left > 0 ? this.readInto(buffers[turn % 2]!) : undefined;
      if (await take(piece)) continue;
      this.destroy();
      return false;
    }
    buffers.forEach((buffer) => pool.giveBack(buffer));
    return true;
  }

  private readInto(buffer: Buffer): Promise<Buffer> {
    const piece = buffer.subarray(0, Math.min(buffer.length, this.left));
    this.reading = this.source.fill(piece, this.position).then(() => piece);
    this.reading.catch(() => undefined);
    this.position += piece.length;
    return this.reading;
  }
}
