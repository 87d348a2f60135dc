import { randomUUID } from 'node:crypto';
import { failpoint } from '@app/config';
import { StorageUnusableError } from '../storage-errors.js';
import { type BlobReader, type BlobWriter, StorageService } from '../storage.service.js';
import type { Remnant, SweptStorage } from '../swept-storage.js';
import { S3BlobReader } from './s3-blob-reader.js';
import type { S3Bucket } from './s3-bucket.js';
import { IDENTITY, newKey, PROBES } from './s3-names.js';
import { proveStore } from './s3-proof.js';
import { remnantsOf } from './s3-remnants.js';
import { S3Uploads } from './s3-uploads.js';

/** Milliseconds after which a probe is one that was left: another server may be at one now. */
const PROBE_MS = 3_600_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Blobs as objects of a bucket. No key is ever used twice, and an object says whose upload made it: that is how a roll-back
 * knows its own bytes.
 */
export class S3StorageService extends StorageService implements SweptStorage {
  override readonly kind = 's3';
  override readonly reusesKeys = false;
  override id: string;
  private readonly uploads: S3Uploads;
  private probing: Promise<void> | undefined;

  constructor(private readonly bucket: S3Bucket) {
    super();
    this.uploads = new S3Uploads(bucket);
  }

  override async attach(expected: string | undefined): Promise<string> {
    const found = await this.readIdentity();
    if (expected === undefined) await this.assertFresh();
    else this.assertIdentity(found, expected);
    await proveStore(this.bucket);
    this.id = found ?? (await this.createIdentity());
    return this.id;
  }

  override async verify(expected: string): Promise<void> {
    this.assertIdentity(await this.readIdentity(), expected);
    this.id = expected;
  }

  override keyOf(owner: string, name: string): string {
    return newKey(owner, name);
  }

  override exclusively<Result>(_key: string, work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  override async createUpload(uploadId: number, key: string): Promise<BlobWriter> {
    failpoint('upload.created');
    return this.uploads.create(uploadId, key);
  }

  override async resumeUpload(uploadId: number, offset: number, key: string): Promise<BlobWriter> {
    if (offset > 0) await this.assertUnchanged();
    return this.uploads.resume(uploadId, offset, key);
  }

  override async rollBackUpload(uploadId: number, key: string): Promise<void> {
    await this.assertUnchanged();
    await this.uploads.discard(uploadId, key);
    if ((await this.bucket.head(key))?.uploadId !== uploadId) return;
    await this.bucket.remove(key);
    failpoint('rollback.unlinked');
  }

  override async clearUpload(uploadId: number, key: string): Promise<void> {
    await this.uploads.discard(uploadId, key);
  }

  override async discardUploads(keep: () => Promise<ReadonlySet<number>>): Promise<void> {
    await this.uploads.discardOthers(keep);
    const before = Date.now() - PROBE_MS;
    for await (const page of this.bucket.list(PROBES)) {
      for (const { key, modified } of page) if (modified < before) await this.bucket.remove(key);
    }
  }

  override open(key: string): Promise<BlobReader> {
    return S3BlobReader.open(this.bucket, key);
  }

  /** Side by side: in another bucket nothing has this key. */
  override async remove(key: string): Promise<void> {
    await Promise.all([this.assertUnchanged(), this.bucket.remove(key)]);
    failpoint('removal.unlinked');
  }

  /** What a store has answered is durable. */
  override async flush(): Promise<void> {
    failpoint('removal.flushed');
  }

  remnants(before: number): AsyncIterable<Remnant[]> {
    return remnantsOf(this.bucket, before);
  }

  override probe(): Promise<void> {
    return (this.probing ??= this.proveWritable().finally(() => (this.probing = undefined)));
  }

  override async free(): Promise<null> {
    return null;
  }

  private async proveWritable(): Promise<void> {
    await this.assertUnchanged();
    const key = `${PROBES}${randomUUID()}`;
    await this.bucket.put(key, Buffer.alloc(0));
    await this.bucket.remove(key);
  }

  /** Proves that the bucket is still the one that was attached. */
  private async assertUnchanged(): Promise<void> {
    this.assertIdentity(await this.readIdentity(), this.id);
  }

  private async readIdentity(): Promise<string | undefined> {
    const id = (await this.bucket.read(IDENTITY))?.toString('utf8').trim();
    if (id === undefined || UUID.test(id)) return id;
    throw new StorageUnusableError(`The id in the bucket ${this.bucket.target.bucket} is damaged: ${IDENTITY}`);
  }

  /** Of several that begin at once one gives the bucket its id. */
  private async createIdentity(): Promise<string> {
    const id = randomUUID();
    if (await this.bucket.putNew(IDENTITY, Buffer.from(`${id}\n`))) return id;
    return (await this.readIdentity()) ?? id;
  }

  private assertIdentity(found: string | undefined, expected: string): void {
    if (found === expected) return;
    const what = found === undefined ? 'carries no id: is it another one, or emptied?' : 'belongs to another database';
    throw new StorageUnusableError(`The bucket ${this.bucket.target.bucket} ${what} (expected storage ${expected})`);
  }

  /** Refuses a bucket with objects that nobody knows: their database is lost, or is another one. */
  private async assertFresh(): Promise<void> {
    for await (const page of this.bucket.list()) {
      const object = page.find(({ key }) => !key.startsWith('.'));
      if (object === undefined) continue;
      throw new StorageUnusableError(
        `The bucket ${this.bucket.target.bucket} holds objects, and the database knows no storage: ` +
          'bring the database back from a backup, or use an empty bucket',
      );
    }
  }
}
