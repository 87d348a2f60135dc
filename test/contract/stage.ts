import { createHash } from 'node:crypto';
import type { BlobDigest, BlobWriter, StorageService } from '@app/storage';

/** One place for blobs, and a look at it from outside. */
export interface StoragePlace {
  /** A new driver on the place, not attached yet: as in a new process. */
  open(): Promise<StorageService>;
  /** Bytes that one upload may hold; a few MiB where nothing is said. */
  readonly mostHeld?: number;
  /** The keys under which there are bytes. */
  keys(): Promise<string[]>;
  /** The bytes under a key, undefined where there are none. */
  read(key: string): Promise<string | undefined>;
  /** Puts bytes under a key behind the driver's back. */
  plant(key: string, bytes: string): Promise<void>;
  /** Everything that is in the place, the driver's own things too. */
  everything(): Promise<string[]>;
  /** Takes away all that is in it, as an unmounted volume does. */
  wipe(): Promise<void>;
  destroy(): Promise<void>;
}

/** What a test has before it begins: a place with a driver that is attached. */
export interface Stage {
  readonly place: StoragePlace;
  readonly storage: StorageService;
  readonly key: string;
  /** A new driver on the same place, while the old one's uploads are still open: all that a crash leaves. */
  crashed(): Promise<StorageService>;
  /** Closes it in the end. */
  keep(writer: BlobWriter): BlobWriter;
  begin(id: number, from?: StorageService, at?: string): Promise<BlobWriter>;
  /** Ready to be published. */
  finished(id: number, bytes: string, at?: string): Promise<BlobWriter>;
  store(id: number, at: string, bytes: string): Promise<void>;
}

export const digestOf = (bytes: Buffer): BlobDigest => ({
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/** Writes as callers must: waits when it is told to. */
export async function writeAll(writer: BlobWriter, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) {
    const wait = writer.write(chunk);
    if (wait) await wait;
  }
}

export async function bytesOf(storage: StorageService, key: string): Promise<Buffer> {
  const reader = await storage.open(key);
  if (reader.size === 0) {
    await reader.close();
    return Buffer.alloc(0);
  }
  return Buffer.concat(await reader.stream(0, reader.size - 1).toArray());
}
