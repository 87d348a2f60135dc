import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppConfig } from '@app/config';
import type { File } from '@app/database';
import type { BlobReader, BlobStream, StorageService } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** Bytes of a file that is kept at most: a larger one is sent while it is read. */
const LARGEST = 256 * 1024;
/** A file is kept only where so many of its size would fit. */
const SHARE = 8;
/** What an entry takes beside its bytes. */
const OVERHEAD = 512;
/** Files of a disk of which it is remembered that somebody has asked for them. */
const ASKED = 10_000;
/** Milliseconds after which bytes go that were fetched then: also those of a file that another process has deleted. */
const KEPT_MS = 600_000;

type Kept = Pick<File, 'sha256'> & { readonly bytes: Buffer };

/** The bytes in a store are not those that the record has. */
export class WrongBytesError extends Error {
  override readonly name = 'WrongBytesError';
}

/**
 * Small content that is asked for again and again, where each time is a way to a store, or three to another thread. The bytes
 * of a file never change, so all that can become wrong about them is that the file is gone: its row is looked at for each
 * request in any case, and a delete drops them.
 */
@Injectable()
export class ContentCache {
  private readonly kept: LRUCache<number, Kept, () => Promise<Kept>> | undefined;
  private readonly largest: number;
  private readonly asked = new LRUCache<number, true>({ max: ASKED });

  constructor({ storageCache }: AppConfig) {
    this.largest = Math.min(LARGEST, Math.floor((storageCache ?? 0) / SHARE));
    if (!storageCache) return;
    this.kept = new LRUCache({
      maxSize: storageCache,
      sizeCalculation: ({ bytes }) => bytes.length + OVERHEAD,
      ttl: KEPT_MS,
      ttlAutopurge: true,
      // Whoever waits for bytes that are dropped meanwhile gets them, and then looks whether the file is still there.
      ignoreFetchAbort: true,
      fetchMethod: (_id, _stale, { context: load }) => load(),
    });
  }

  /** Whether the bytes of a file are to be kept, now that somebody asks for them: of a disk only those that were asked for before. */
  takes({ id, size }: Pick<File, 'id' | 'size'>, { kind }: StorageService): boolean {
    if (!this.kept || size > this.largest) return false;
    // To prove and keep what is asked for once would make a disk by a third slower; a store is slower by more.
    if (kind === 's3' || this.asked.get(id)) return true;
    this.asked.set(id, true);
    return false;
  }

  /**
   * Opens what is kept, or has it fetched: once, however many ask. What is fetched is compared with the record first.
   * @throws WrongBytesError; whatever `open` throws
   */
  async open(file: Pick<File, 'id' | 'size' | 'sha256'>, open: () => Promise<BlobReader>): Promise<BlobReader> {
    const kept = await this.kept!.forceFetch(file.id, { context: () => load(file, open) });
    if (kept.sha256 !== file.sha256) throw new WrongBytesError('There are other bytes than the record has');
    return new KeptReader(kept.bytes);
  }

  drop(fileId: number): void {
    this.kept?.delete(fileId);
  }
}

async function load({ size, sha256 }: Pick<File, 'size' | 'sha256'>, open: () => Promise<BlobReader>): Promise<Kept> {
  const reader = await open();
  const isWhole = reader.size === size;
  const read = isWhole && size > 0 ? await reader.read(0, size - 1) : Buffer.alloc(0);
  await reader.close();
  if (!isWhole || createHash('sha256').update(read).digest('hex') !== sha256)
    throw new WrongBytesError(`There are ${reader.size} bytes of a file of ${size}, or others`);
  // A piece of a pool would keep all of it.
  const bytes = Buffer.allocUnsafeSlow(size);
  read.copy(bytes);
  return { sha256, bytes };
}

class KeptReader implements BlobReader {
  readonly size: number;

  constructor(private readonly bytes: Buffer) {
    this.size = bytes.length;
  }

  async read(start: number, end: number): Promise<Buffer> {
    return this.bytes.subarray(start, end + 1);
  }

  stream(start: number, end: number): BlobStream {
    return Readable.from([this.bytes.subarray(start, end + 1)], { objectMode: false });
  }

  async close(): Promise<void> {}
}
