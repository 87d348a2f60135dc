import type { Readable } from 'node:stream';
import { BlobMissingError } from '../storage-errors.js';
import type { BlobReader, BlobStream } from '../storage.service.js';
import { S3BlobStream } from './s3-blob-stream.js';
import type { ObjectHead, S3Bucket } from './s3-bucket.js';

/** Bytes that are read and thrown away, which costs less than a new connection. */
const SMALL = 64 * 1024;

/**
 * An object whose bytes are asked for already: that is one way to the store for a whole download, and what removes the
 * object after that finds them on their way.
 */
export class S3BlobReader implements BlobReader {
  readonly size: number;
  private body: Readable | undefined;

  private constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly head: ObjectHead,
    body: Readable,
  ) {
    this.size = head.size;
    this.body = body.on('error', ignore);
  }

  /** @throws BlobMissingError */
  static async open(bucket: S3Bucket, key: string): Promise<S3BlobReader> {
    const object = await bucket.get(key);
    if (!object) throw new BlobMissingError('There is no blob at the key');
    return new S3BlobReader(bucket, key, object, object.body);
  }

  async read(start: number, end: number): Promise<Buffer> {
    return Buffer.concat(await this.stream(start, end).toArray());
  }

  stream(start: number, end: number): BlobStream {
    const body = this.body;
    if (start === 0 && body && !body.destroyed) {
      this.body = undefined;
      return new S3BlobStream(this.openBytes, start, end, body);
    }
    this.letGo();
    return new S3BlobStream(this.openBytes, start, end);
  }

  async close(): Promise<void> {
    this.letGo();
  }

  private letGo(): void {
    if (this.size <= SMALL) this.body?.resume();
    else this.body?.destroy();
    this.body = undefined;
  }

  private readonly openBytes = async (from: number, to: number): Promise<Readable | undefined> => {
    const object = await this.bucket.get(this.key, { from, to, etag: this.head.etag });
    return object?.body;
  };
}

const ignore = (): void => undefined;
