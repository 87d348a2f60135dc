import { inject, it } from 'vitest';
import { createBucket } from './ceph.js';

/** Whether drives of this run keep their bytes in an S3 store: `BLOBS=s3`. */
export const onS3 = (): boolean => inject('store') !== undefined;

/** A test of what only plain files have: what lies at their path, or in its place. */
export const itOnDisk = it.skipIf(onS3());

/** The environment that gives a drive a bucket of its own, where this run keeps bytes in a store. */
export async function storageForTest(): Promise<{ STORAGE_URL?: string }> {
  const store = inject('store');
  return store ? { STORAGE_URL: await createBucket(store) } : {};
}
