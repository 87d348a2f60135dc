import { UploadLostError } from '../storage-errors.js';
import type { S3Bucket } from './s3-bucket.js';
import { offsetOf, stateName, UPLOADS } from './s3-names.js';
import type { PartsState } from './s3-parts.js';

/** Where an upload can be gone on from: its durable parts, and the bytes after them that are no part yet. */
export interface UploadState {
  readonly parts: PartsState | undefined;
  readonly tail: Buffer;
}

const NEW_LINE = 0x0a;

/**
 * What is known of uploads that outlive their requests: one object for each number of bytes that may have been told, so that
 * a crash between the object and the record leaves the one that the record names. It holds a line of JSON, and then the tail.
 */
export class S3UploadStates {
  constructor(private readonly bucket: S3Bucket) {}

  async save(uploadId: number, offset: number, { parts, tail }: UploadState): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(parts ?? null)}\n`);
    await this.bucket.put(stateName(uploadId, offset), Buffer.concat([line, tail]));
  }

  /** @throws UploadLostError when it is not there */
  async load(uploadId: number, offset: number): Promise<UploadState> {
    const bytes = await this.bucket.read(stateName(uploadId, offset));
    if (!bytes)
      throw new UploadLostError(`Of an upload ${offset} bytes were made durable, and nothing is known of them`);
    const end = bytes.indexOf(NEW_LINE);
    const parts = JSON.parse(bytes.toString('utf8', 0, end)) as PartsState | null;
    return { parts: parts ?? undefined, tail: bytes.subarray(end + 1) };
  }

  /** Forgets an upload. */
  clear(uploadId: number): Promise<void> {
    return this.clearBelow(uploadId, Infinity);
  }

  /**
   * Forgets what belongs to fewer bytes of an upload than so many. What belongs to more may be another server's, which has
   * gone on with it while this one was frozen, and has told of it.
   */
  async clearBelow(uploadId: number, offset: number): Promise<void> {
    for await (const page of this.bucket.list(`${UPLOADS}${uploadId}/`)) {
      for (const { key } of page) if (offsetOf(key) < offset) await this.bucket.remove(key);
    }
  }
}
