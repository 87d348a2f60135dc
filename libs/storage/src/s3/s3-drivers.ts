import type { S3Target } from '@app/config';
import { S3Bucket } from './s3-bucket.js';
import { S3Inventory } from './s3-inventory.js';
import { S3Quarantine } from './s3-quarantine.js';
import { S3StorageService } from './s3-storage.service.js';

/** What a bucket is to the rest: loaded only where one is used, since the client is large. */
export function openBucket(target: S3Target) {
  const bucket = new S3Bucket(target);
  return {
    storage: new S3StorageService(bucket),
    inventory: new S3Inventory(bucket),
    quarantine: new S3Quarantine(bucket),
  };
}
