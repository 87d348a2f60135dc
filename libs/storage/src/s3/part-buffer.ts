import { BufferPool } from '../buffer-pool.js';
import { type PartPlace, PartRoom } from './part-room.js';

/** Bytes; a part takes up only as many slices as it has bytes. */
const SLICE = 1024 * 1024;

const slices = new BufferPool(SLICE, 24);
const room = new PartRoom();

/** The bytes of a part of an upload, gathered by copying: chunks that are held would outlive the collection of young objects. */
export class PartBuffer {
  private held: Buffer[] = [];
  private place: PartPlace | undefined;
  length = 0;

  /** @param size bytes of the whole part */
  constructor(readonly size: number) {}

  get isFull(): boolean {
    return this.length === this.size;
  }

  /**
   * Asks for the room of the whole part, once it has become longer than a slice: what is smaller never waits.
   * @returns what resolves when the room is there, unless it is
   */
  takeRoom(): Promise<void> | undefined {
    if (this.place || this.length <= SLICE) return undefined;
    this.place = room.take(this.size - SLICE);
    return this.place.wait;
  }

  /** Takes as much as belongs into the part. @returns how many bytes that were */
  add(chunk: Buffer): number {
    const taken = Math.min(chunk.length, this.size - this.length);
    for (let done = 0; done < taken;) {
      const within = this.length % SLICE;
      if (within === 0) this.held.push(slices.take());
      const count = Math.min(taken - done, SLICE - within);
      chunk.copy(this.held.at(-1)!, within, done, done + count);
      this.length += count;
      done += count;
    }
    return taken;
  }

  /** Copies the bytes into one buffer. */
  copyTo(target: Buffer): Buffer {
    this.held.forEach((slice, n) => slice.copy(target, n * SLICE, 0, Math.min(SLICE, this.length - n * SLICE)));
    return target.subarray(0, this.length);
  }

  /** To be called once nobody needs the bytes any more. */
  release(): void {
    for (const slice of this.held.splice(0)) slices.giveBack(slice);
    this.length = 0;
    this.place?.leave();
    this.place = undefined;
  }
}
