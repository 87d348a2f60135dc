import { createHash } from 'node:crypto';
import { PrefixHash } from './prefix-hash.js';

/** Hashes that are kept between the parts of uploads. One that is not kept is made again from the file. */
const KEPT = 1024;

/** The hash of a temporary file while it is written. */
export interface WriterHash {
  update(chunk: Buffer): void;
  /** So many bytes are durable: nobody takes them back any more. */
  keep(size: number): void;
  /** In hex, of all `size` bytes. */
  digest(size: number): Promise<string>;
}

/** The hashes of uploads that come in parts. They run along in memory, and where that was lost, read what was written. */
export class UploadHashes {
  private readonly kept = new Map<number, PrefixHash>();

  /**
   * For the next part of an upload.
   * @param path of its file @param offset where the part begins
   */
  resume(uploadId: number, path: string, offset: number): WriterHash {
    const kept = this.kept.get(uploadId);
    // One that is ahead has hashed bytes that were cut off since: their sync succeeded, and writing their number down did not.
    const known = kept && !kept.isAhead(offset) ? kept : PrefixHash.empty();
    this.keep(uploadId, known);
    return known.isAt(offset) ? this.along(uploadId, known.fork()) : behind(known, path, offset);
  }

  forget(uploadId: number): void {
    this.kept.delete(uploadId);
  }

  /** Hashes what is written as it comes. */
  private along(uploadId: number, hash: PrefixHash): WriterHash {
    return {
      update: (chunk) => hash.update(chunk),
      keep: () => this.keep(uploadId, hash),
      digest: async () => hash.digest(),
    };
  }

  private keep(uploadId: number, hash: PrefixHash): void {
    this.kept.delete(uploadId);
    this.kept.set(uploadId, hash);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT) this.kept.delete(oldest!);
  }
}

/** Reads what was written before, and what is written meanwhile, beside the requests: they do not wait for it. */
function behind(hash: PrefixHash, path: string, offset: number): WriterHash {
  // What goes wrong is met by who needs the digest, and reads on from there.
  const follow = (size: number) => void hash.catchUp(path, size).catch(() => undefined);
  follow(offset);
  return {
    update: () => undefined,
    keep: follow,
    digest: async (size) => {
      await hash.catchUp(path, size);
      return hash.digest();
    },
  };
}

/** The hash of an upload that comes in one part. */
export function wholeHash(): WriterHash {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), keep: () => undefined, digest: async () => hash.digest('hex') };
}
