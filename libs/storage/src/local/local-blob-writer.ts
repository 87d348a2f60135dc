import { createHash } from 'node:crypto';
import { failpoint } from '@app/config';
import type { BlobDigest, BlobWriter } from '../storage.service.js';
import { descriptor } from './descriptor.js';
import { translateLocalError } from './local-fault.js';

/** Bytes gathered for one write. One write is in flight while the next is gathered: twice this is all that is held. */
const WRITE_SIZE = 1024 * 1024;
/** Chunks gathered for one write, which is what the kernel takes at once: a client could send a byte in each. */
const WRITE_CHUNKS = 1024;

/** What the writer leaves to the storage it belongs to. */
export interface WriterPlace {
  syncTemporary(): Promise<void>;
  publish(key: string): Promise<void>;
  discard(): Promise<void>;
}

/** Writes a temporary file, with its hash. */
export class LocalBlobWriter implements BlobWriter {
  size = 0;
  private readonly hash = createHash('sha256');
  private gathered: Buffer[] = [];
  private gatheredSize = 0;
  private writing: Promise<void> | undefined;
  private readonly underWay = new Set<Promise<unknown>>();
  private open = true;

  constructor(
    private readonly fd: number,
    private readonly place: WriterPlace,
  ) {}

  write(chunk: Buffer): Promise<void> | undefined {
    this.hash.update(chunk);
    this.size += chunk.length;
    this.gathered.push(chunk);
    this.gatheredSize += chunk.length;
    if (this.gatheredSize < WRITE_SIZE && this.gathered.length < WRITE_CHUNKS) return undefined;
    const previous = this.writing ?? Promise.resolve();
    return previous.then(() => {
      this.writing = this.writeGathered();
      // A failure is met by whoever waits next; until then it must not end the process.
      this.writing.catch(() => undefined);
    });
  }

  /** A sync that fails is never tried again: the kernel may have dropped the pages and would report success (fsyncgate). */
  async finish(): Promise<BlobDigest> {
    try {
      await this.writing;
      await this.writeGathered();
      // Side by side they share what both wait for, a commit of the file system's journal.
      await Promise.all([this.use(() => descriptor.sync(this.fd)), this.place.syncTemporary()]);
    } catch (error) {
      throw translateLocalError(error);
    }
    failpoint('upload.synced');
    return { size: this.size, sha256: this.hash.digest('hex') };
  }

  async publish(key: string): Promise<void> {
    await this.place.publish(key);
  }

  async close(): Promise<void> {
    await Promise.all([this.closeFile(), this.place.discard()]);
  }

  /** Lets go of the file without removing it, for a roll-back. */
  async closeFile(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await Promise.allSettled(this.underWay);
    descriptor.close(this.fd);
  }

  /** Under a write, a descriptor must not be closed: by the time it is written it may be another file's. */
  private async use<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (!this.open) throw new Error('The temporary file is closed');
    const running = operation();
    this.underWay.add(running);
    try {
      return await running;
    } finally {
      this.underWay.delete(running);
    }
  }

  private async writeGathered(): Promise<void> {
    let buffers = this.gathered;
    let left = this.gatheredSize;
    this.gathered = [];
    this.gatheredSize = 0;
    try {
      while (left > 0) {
        const { bytesWritten } = await this.use(() => descriptor.write(this.fd, buffers));
        left -= bytesWritten;
        if (left > 0) buffers = after(buffers, bytesWritten);
      }
    } catch (error) {
      throw translateLocalError(error);
    }
  }
}

/** The bytes of `buffers` that follow the first `written`: a write may be short. */
function after(buffers: Buffer[], written: number): Buffer[] {
  const rest: Buffer[] = [];
  let skip = written;
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(buffer.subarray(skip));
    skip = Math.max(0, skip - buffer.length);
  }
  return rest;
}
