import { failpoint } from '@app/config';
import type { BlobDigest, BlobWriter } from '../storage.service.js';
import { descriptor } from './descriptor.js';
import { translateLocalError } from './local-fault.js';
import { noteSpent } from '../spent-chunks.js';
import type { WriterHash } from './upload-hashes.js';
import { WriteBuffer } from './write-buffer.js';

/** Bytes after which a sync begins while more come in: so the last one, for which the client waits, has little left to do. */
const SYNC_SIZE = 32 * 1024 * 1024;

/** Bytes before the first look whether the disk has room for more, and between looks where there is plenty. */
const FIRST_LOOK = 1024 * 1024;
const LOOK_SIZE = 8 * 1024 * 1024;

/** What the writer leaves to the storage it belongs to. */
export interface WriterPlace {
  /** @returns bytes that the disk has left @throws StorageFullError */
  assertRoom(): Promise<number>;
  syncTemporary(): Promise<void>;
  publish(key: string): Promise<void>;
  discard(): Promise<void>;
  letGo(): void;
}

/** Writes a temporary file, with its hash. One write is in flight while the next is gathered; no more is held. */
export class LocalBlobWriter implements BlobWriter {
  size: number;
  onDurable?: (size: number) => void;
  private gathered = new WriteBuffer();
  private writing: Promise<void> | undefined;
  private unsynced = 0;
  /** Bytes written since it was looked whether there is room. */
  private unlooked = 0;
  private lookAfter = FIRST_LOOK;
  /** Bytes that are durable, from the upload's first on. */
  private durable: number;
  /** Bytes that are in the file, synced or not. */
  private inFile: number;
  /** The sync that has begun ahead of the last. One that failed stays here: the next would hide it. */
  private syncing: Promise<void> | undefined;
  private syncFailed = false;
  /** Whether it has been made durable at all: also an empty file must be. */
  private synced = false;
  private readonly underWay = new Set<Promise<unknown>>();
  private open = true;

  constructor(
    private readonly fd: number,
    private readonly place: WriterPlace,
    private readonly hash: WriterHash,
    /** Bytes that are there already. */
    offset = 0,
  ) {
    this.size = offset;
    this.durable = offset;
    this.inFile = offset;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.hash.update(chunk);
    this.size += chunk.length;
    noteSpent(chunk.length);
    if (this.gathered.hasRoomFor(chunk)) return void this.gathered.add(chunk);
    const full = this.gathered;
    this.gathered = new WriteBuffer();
    this.gathered.add(chunk);
    const previous = this.writing ?? Promise.resolve();
    return previous.then(() => {
      this.writing = this.writeAhead(full);
      // A failure is met by whoever waits next; until then it must not end the process.
      this.writing.catch(() => undefined);
    });
  }

  async finish(): Promise<BlobDigest> {
    await this.suspend();
    return { size: this.size, sha256: await this.hash.digest(this.size) };
  }

  /** A sync that fails is never tried again: the kernel may have dropped the pages and would report success (fsyncgate). */
  async suspend(): Promise<number> {
    if (this.synced && this.durable === this.size) return this.durable;
    try {
      await this.written();
      const rest = this.gathered;
      this.gathered = new WriteBuffer();
      await this.writeOut(rest);
      await this.syncing;
      // Side by side they share what both wait for, a commit of the file system's journal.
      await Promise.all([this.use(() => descriptor.sync(this.fd)), this.place.syncTemporary()]);
    } catch (error) {
      throw translateLocalError(error);
    }
    failpoint('upload.synced');
    this.synced = true;
    this.durable = this.size;
    this.hash.keep(this.durable);
    return this.durable;
  }

  /** What nobody was told of gives its room back at once. */
  async letGo(): Promise<void> {
    if (this.open && this.size > this.durable) {
      await Promise.allSettled(this.underWay);
      await descriptor.truncate(this.fd, this.durable).catch(() => undefined);
    }
    await this.closeFile();
    this.place.letGo();
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

  /** The write that is under way, and one that waits for it. */
  private async written(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.writing;) {
      last = this.writing;
      await last;
    }
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

  /** More comes in while it is written, and while it is synced: never the last of a part, which is synced in any case. */
  private async writeAhead(buffer: WriteBuffer): Promise<void> {
    await this.writeOut(buffer);
    if (this.unsynced >= SYNC_SIZE) this.syncAhead();
  }

  /** A write may be short. */
  private async writeOut(buffer: WriteBuffer): Promise<void> {
    try {
      if (this.syncFailed) await this.syncing;
      for (let left = buffer.bytes; left.length > 0;) {
        const { bytesWritten } = await this.use(() => descriptor.write(this.fd, [left]));
        left = left.subarray(bytesWritten);
        this.unsynced += bytesWritten;
        this.unlooked += bytesWritten;
        this.inFile += bytesWritten;
      }
      if (this.unlooked >= this.lookAfter) await this.lookForRoom();
    } catch (error) {
      throw translateLocalError(error);
    } finally {
      buffer.release();
    }
  }

  private async lookForRoom(): Promise<void> {
    this.unlooked = 0;
    // Others write, too: of what is left a part can be taken for granted.
    this.lookAfter = Math.min(LOOK_SIZE, (await this.place.assertRoom()) / 4);
  }

  private tellDurable(reached: number): void {
    if (!this.onDurable) return;
    this.durable = Math.max(this.durable, reached);
    this.onDurable(this.durable);
  }

  private syncAhead(): void {
    if (this.syncing) return;
    this.unsynced = 0;
    const reached = this.inFile;
    const telling = this.onDurable && this.place.syncTemporary();
    const syncing = Promise.all([this.use(() => descriptor.sync(this.fd)), telling]);
    this.syncing = syncing.then(() => {
      this.syncing = undefined;
      this.tellDurable(reached);
    });
    this.syncing.catch(() => (this.syncFailed = true));
  }
}
