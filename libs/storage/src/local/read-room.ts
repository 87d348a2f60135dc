import { BufferPool } from '../buffer-pool.js';

/** Bytes per read; half as many cost a fifth of the throughput of a single download. */
export const PIECE = 512 * 1024;
const SMALL_PIECE = 64 * 1024;

/**
 * What downloads hold that nobody has taken yet. Whoever asks and then reads nothing holds two pieces for as long as he
 * has his place: the first few downloads have large ones, and any further small ones.
 */
export class ReadRoom {
  private readonly large = new BufferPool(PIECE, 32);
  private readonly small = new BufferPool(SMALL_PIECE, 64);
  private largeInUse = 0;

  /** @param most downloads with large pieces */
  constructor(private readonly most: number) {}

  /** @returns the buffers that the download may take, until it leaves */
  enter(): BufferPool {
    if (this.largeInUse >= this.most) return this.small;
    this.largeInUse += 1;
    return this.large;
  }

  leave(pool: BufferPool): void {
    if (pool === this.large) this.largeInUse -= 1;
  }
}
