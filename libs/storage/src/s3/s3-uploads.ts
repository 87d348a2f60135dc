import { createHash, type Hash } from 'node:crypto';
import { UploadLostError } from '../storage-errors.js';
import type { BlobWriter } from '../storage.service.js';
import { S3BlobWriter, type WriterStart } from './s3-blob-writer.js';
import type { S3Bucket } from './s3-bucket.js';
import { UPLOADS } from './s3-names.js';
import { S3Parts, type PartsState } from './s3-parts.js';
import { S3UploadStates, type UploadState } from './s3-upload-states.js';

/** Hashes that are kept between the parts of uploads. One that is lost is made of what the store gives back in the end. */
const KEPT = 1024;

interface Beginning {
  readonly start: WriterStart;
  /** Whether it outlives its requests. */
  readonly isResumed: boolean;
  readonly parts?: PartsState | undefined;
}

const nothing = (): WriterStart => ({ offset: 0, tail: Buffer.alloc(0), hash: createHash('sha256') });

/** Uploads that are not published. */
export class S3Uploads {
  readonly states: S3UploadStates;
  private readonly writers = new Map<number, S3BlobWriter>();
  private readonly hashes = new Map<number, { readonly offset: number; readonly hash: Hash }>();

  constructor(private readonly bucket: S3Bucket) {
    this.states = new S3UploadStates(bucket);
  }

  create(uploadId: number, key: string): BlobWriter {
    return this.writer(uploadId, key, { start: nothing(), isResumed: false });
  }

  /** @throws UploadLostError when what was made durable is not known any more, or not there */
  async resume(uploadId: number, offset: number, key: string): Promise<BlobWriter> {
    if (offset === 0) return this.writer(uploadId, key, { start: nothing(), isResumed: true });
    const { parts, tail } = await this.states.load(uploadId, offset);
    const isPublished = parts !== undefined && (await this.areJoined(parts, { uploadId, offset, key }));
    await this.states.clearBelow(uploadId, offset);
    const start = { offset, tail, hash: this.hashOf(uploadId, offset, parts, tail), isPublished };
    return this.writer(uploadId, key, { start, isResumed: true, parts });
  }

  /** Undoes what is not published: parts, what is known of them, and what is under way. */
  async discard(uploadId: number, key: string): Promise<void> {
    await this.writers.get(uploadId)?.stop();
    this.forget(uploadId);
    await Promise.all([this.dropParts(key), this.states.clear(uploadId)]);
  }

  /** Forgets dead uploads that could have been gone on with. */
  async discardOthers(keep: () => Promise<ReadonlySet<number>>): Promise<void> {
    for await (const page of this.bucket.list(UPLOADS)) {
      const kept = page.length > 0 ? await keep() : new Set();
      for (const { key } of page) if (!kept.has(Number(key.split('/')[1]))) await this.bucket.remove(key);
    }
  }

  /**
   * Whether an earlier process, or another server, has made an object of the parts, and died or lost the database before there
   * was a file. Many stores drop parts that nobody joins, after some days.
   * @throws UploadLostError when they are neither there nor joined
   */
  private async areJoined(
    { multipartId }: PartsState,
    { uploadId, offset, key }: { readonly uploadId: number; readonly offset: number; readonly key: string },
  ): Promise<boolean> {
    for await (const listed of this.bucket.multiparts.list(key)) if (listed.multipartId === multipartId) return false;
    const there = await this.bucket.head(key);
    if (there?.uploadId === uploadId && there.size === offset) return true;
    throw new UploadLostError(
      `The store has dropped the parts of an upload of which ${offset} bytes were made durable`,
    );
  }

  /** Nobody else has the key, so whatever parts there are for it are this upload's. */
  private async dropParts(key: string): Promise<void> {
    for await (const upload of this.bucket.multiparts.list(key)) {
      if (upload.key === key) await this.bucket.multiparts.drop(key, upload.multipartId);
    }
  }

  private writer(uploadId: number, key: string, { start, isResumed, parts }: Beginning): BlobWriter {
    let known = isResumed;
    const place = {
      ...{ bucket: this.bucket, uploadId, key },
      save: (offset: number, state: UploadState) => {
        known = true;
        return this.states.save(uploadId, offset, state);
      },
      keepHash: (offset: number, hash: Hash) => this.keepHash(uploadId, offset, hash),
      close: async () => {
        this.forget(uploadId);
        // An earlier process may have begun parts of which nothing is known.
        if (known) await Promise.all([this.states.clear(uploadId), this.dropParts(key)]);
      },
      letGo: () => void this.writers.delete(uploadId),
    };
    const writer = new S3BlobWriter(place, new S3Parts(this.bucket, key, uploadId, parts), start);
    this.writers.set(uploadId, writer);
    return writer;
  }

  private hashOf(uploadId: number, offset: number, parts: PartsState | undefined, tail: Buffer): Hash | undefined {
    const kept = this.hashes.get(uploadId);
    if (kept?.offset === offset) return kept.hash.copy();
    return parts ? undefined : createHash('sha256').update(tail);
  }

  private keepHash(uploadId: number, offset: number, hash: Hash): void {
    this.hashes.delete(uploadId);
    this.hashes.set(uploadId, { offset, hash });
    const [oldest] = this.hashes.keys();
    if (this.hashes.size > KEPT) this.hashes.delete(oldest!);
  }

  private forget(uploadId: number): void {
    this.writers.delete(uploadId);
    this.hashes.delete(uploadId);
  }
}
