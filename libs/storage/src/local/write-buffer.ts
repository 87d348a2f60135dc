import { BufferPool } from '../buffer-pool.js';

/** Bytes of one write: fewer and larger ones gain nothing. */
const SIZE = 1024 * 1024;

const pool = new BufferPool(SIZE, 4);

/**
 * Gathers chunks for one write, by copying them. Copying costs a tenth of what it spares: a chunk that is held until it
 * is written outlives the collection of young objects (see BufferPool).
 */
export class WriteBuffer {
  private length = 0;
  /** A first chunk is not copied: of a small upload there is no other. */
  private first: Buffer | undefined;
  private gathered: Buffer | undefined;

  /** Whether the chunk still belongs into this write. The first always does, whatever its size. */
  hasRoomFor(chunk: Buffer): boolean {
    return this.length === 0 || this.length + chunk.length <= SIZE;
  }

  add(chunk: Buffer): void {
    if (this.length === 0) {
      this.first = chunk;
    } else {
      this.gathered ??= this.begin();
      chunk.copy(this.gathered, this.length);
    }
    this.length += chunk.length;
  }

  get bytes(): Buffer {
    return this.gathered?.subarray(0, this.length) ?? this.first ?? Buffer.alloc(0);
  }

  /** To be called once its bytes are written, or never will be. */
  release(): void {
    if (this.gathered) pool.giveBack(this.gathered);
    this.gathered = undefined;
  }

  private begin(): Buffer {
    const buffer = pool.take();
    this.first!.copy(buffer);
    this.first = undefined;
    return buffer;
  }
}
