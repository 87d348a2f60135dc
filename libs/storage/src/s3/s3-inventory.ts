import { type BlobLook, type InventoryEntry, StorageInventory } from '../storage-inventory.js';
import type { S3Bucket } from './s3-bucket.js';
import { isKey, UPLOADS } from './s3-names.js';

/** The objects of a bucket, whoever put them there. */
export class S3Inventory extends StorageInventory {
  constructor(private readonly bucket: S3Bucket) {
    super();
  }

  override async *entries(): AsyncIterable<InventoryEntry[]> {
    for await (const page of this.bucket.list()) {
      const others = page.filter(({ key }) => !key.startsWith('.'));
      if (others.length > 0) yield others.map(({ key }) => ({ key, isBlob: isKey(key) }));
    }
  }

  override async look(key: string): Promise<BlobLook | undefined> {
    const head = await this.bucket.head(key);
    return head && { size: head.size, version: `${head.etag}:${head.modified}` };
  }

  override async *uploads(): AsyncIterable<string[]> {
    for await (const page of this.bucket.list(UPLOADS)) {
      yield [...new Set(page.map(({ key }) => key.split('/')[1]!))];
    }
  }

  /** As many bytes as the upload can be gone on from. */
  override async lookAtUpload(name: string): Promise<BlobLook | undefined> {
    const offsets: number[] = [];
    let version = '';
    for await (const page of this.bucket.list(`${UPLOADS}${name}/`)) {
      for (const { key, etag } of page) {
        offsets.push(Number(key.split('/')[2]));
        version += etag;
      }
    }
    return offsets.length > 0 ? { size: Math.max(...offsets), version } : undefined;
  }
}
