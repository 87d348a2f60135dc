import { Quarantine, type QuarantinedBlob } from '../quarantine.js';
import { BlobMissingError, StorageUnusableError } from '../storage-errors.js';
import type { BlobReader } from '../storage.service.js';
import { S3BlobReader } from './s3-blob-reader.js';
import type { S3Bucket } from './s3-bucket.js';
import { isKey, QUARANTINE } from './s3-names.js';
import type { Part } from './s3-multiparts.js';

/** Bytes that are copied at once, within the store. */
const STEP = 1024 ** 3;

/** `.quarantine/<date>/<owner>/<name>` in the same bucket: copied there by the store itself, and then removed. */
export class S3Quarantine extends Quarantine {
  constructor(private readonly bucket: S3Bucket) {
    super();
  }

  override async take(key: string, date: string): Promise<string> {
    const head = await this.bucket.head(key);
    if (!head) throw new BlobMissingError('There is no blob at the key');
    const path = `${date}/${key}`;
    const target = `${QUARANTINE}${path}`;
    if (head.size === 0) await this.bucket.put(target, Buffer.alloc(0));
    else await this.copy(key, target, head.size);
    const copied = await this.bucket.head(target);
    if (copied?.size !== head.size) throw new StorageUnusableError('The store has not copied what it was asked to');
    await this.bucket.remove(key);
    return path;
  }

  override async *list(): AsyncIterable<QuarantinedBlob> {
    for await (const page of this.bucket.list(QUARANTINE)) {
      for (const { key, size } of page) yield { path: key.slice(QUARANTINE.length), size };
    }
  }

  override open(path: string): Promise<BlobReader> {
    return S3BlobReader.open(this.bucket, locate(path));
  }

  override async discard(path: string): Promise<void> {
    await this.bucket.remove(locate(path));
  }

  private async copy(source: string, target: string, size: number): Promise<void> {
    const { multiparts } = this.bucket;
    const id = await multiparts.begin(target);
    try {
      const parts: Part[] = [];
      for (let from = 0; from < size; from += STEP) {
        const to = Math.min(from + STEP, size) - 1;
        parts.push(await multiparts.copy(target, id, parts.length + 1, { key: source, from, to }));
      }
      await multiparts.join(target, id, parts);
    } finally {
      await multiparts.drop(target, id).catch(() => undefined);
    }
  }
}

/** @throws BlobMissingError for what is no path into the quarantine */
function locate(path: string): string {
  const [date = '', ...key] = path.split('/');
  if (/^\d[\w.-]*$/.test(date) && isKey(key.join('/'))) return `${QUARANTINE}${path}`;
  throw new BlobMissingError('Not a path of the quarantine (<date>/<owner>/<random>/<name>)');
}
