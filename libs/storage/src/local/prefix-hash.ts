import { createHash, type Hash } from 'node:crypto';
import PQueue from 'p-queue';
import { descriptor } from './descriptor.js';

/** Bytes that are read at once: so many take the main thread less than a millisecond to hash. */
const SLICE = 1024 * 1024;

/** Files read at once for their hashes: it is work that nobody waits for, or that one request does. */
const readers = new PQueue({ concurrency: 2 });

/** The SHA-256 of the first bytes of a file, as many as have been hashed. */
export class PrefixHash {
  private constructor(
    private readonly hash: Hash,
    private hashed: number,
  ) {}

  private catchingUp: Promise<void> | undefined;
  /** Bytes that it covers, or is to. */
  private aim = 0;

  static empty(): PrefixHash {
    return new PrefixHash(createHash('sha256'), 0);
  }

  /** Whether it covers so many bytes, and nobody is about to change that. */
  isAt(size: number): boolean {
    return this.hashed === size && !this.catchingUp;
  }

  /** Whether it covers more than so many bytes, or is about to. */
  isAhead(size: number): boolean {
    return Math.max(this.hashed, this.aim) > size;
  }

  /** The next bytes. */
  update(chunk: Buffer): void {
    this.hash.update(chunk);
    this.hashed += chunk.length;
  }

  /** Another one that has got as far. */
  fork(): PrefixHash {
    return new PrefixHash(this.hash.copy(), this.hashed);
  }

  /** Reads what is missing. @param size bytes of the file that will not change any more */
  async catchUp(path: string, size: number): Promise<void> {
    this.aim = Math.max(this.aim, size);
    while (this.catchingUp) await this.catchingUp;
    if (this.hashed >= size) return;
    this.catchingUp = readers.add(() => this.read(path, size));
    try {
      await this.catchingUp;
    } finally {
      this.catchingUp = undefined;
    }
  }

  /** In hex; more may follow. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }

  private async read(path: string, size: number): Promise<void> {
    const fd = await descriptor.open(path, 'r');
    const buffer = Buffer.allocUnsafeSlow(Math.min(SLICE, size - this.hashed));
    try {
      while (this.hashed < size) {
        const wanted = Math.min(buffer.length, size - this.hashed);
        const { bytesRead } = await descriptor.read(fd, buffer, 0, wanted, this.hashed);
        if (bytesRead === 0) throw new Error('The file of an upload is shorter than what was made durable');
        this.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      descriptor.close(fd);
    }
  }
}
