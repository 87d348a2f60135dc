import { randomUUID } from 'node:crypto';
import { StorageUnusableError } from '../storage-errors.js';
import type { S3Bucket } from './s3-bucket.js';
import { PROBES } from './s3-names.js';

const BYTES = Buffer.from('What a store must be able to do.');
const OTHERS = Buffer.from('What must not replace it.');

/**
 * Proves that a store can do what the protocol needs, and leaves nothing.
 * @throws StorageUnusableError saying what it lacks
 */
export async function proveStore(bucket: S3Bucket): Promise<void> {
  const key = `${PROBES}${randomUUID()}`;
  try {
    await proveObjects(bucket, key);
    await proveParts(bucket, `${key}.parts`);
  } finally {
    await bucket.remove(key);
  }
  need((await bucket.read(key)) === undefined, bucket, 'still gives back what was deleted');
}

async function proveObjects(bucket: S3Bucket, key: string): Promise<void> {
  const version = await bucket.put(key, OTHERS);
  need(version === undefined || version === 'null', bucket, 'keeps old versions, so that no delete would be true');
  await bucket.remove(key);
  need(await bucket.putNew(key, BYTES), bucket, 'refuses If-None-Match where nothing is');
  need(!(await bucket.putNew(key, OTHERS)), bucket, 'ignores If-None-Match, so that uploads could replace one another');
  need((await bucket.read(key))?.equals(BYTES), bucket, 'does not give back what was put');
  const etag = (await bucket.head(key))?.etag ?? '';
  const range = await bucket.get(key, { from: 5, to: 9, etag });
  const part = range && Buffer.concat(await range.body.toArray());
  need(part?.equals(BYTES.subarray(5, 10)), bucket, 'does not give back a part of what was put');
  const listed: string[] = [];
  for await (const page of bucket.list(key)) listed.push(...page.map((object) => object.key));
  need(listed.includes(key), bucket, 'does not list what was put');
}

async function proveParts(bucket: S3Bucket, key: string): Promise<void> {
  const id = await bucket.multiparts.begin(key);
  let isListed = false;
  try {
    await bucket.multiparts.put(key, id, 1, BYTES);
    for await (const { multipartId } of bucket.multiparts.list(key)) isListed ||= multipartId === id;
  } finally {
    await bucket.multiparts.drop(key, id);
  }
  need(isListed, bucket, 'does not list uploads in parts');
}

function need(holds: boolean | undefined, { target }: S3Bucket, lack: string): void {
  if (!holds) throw new StorageUnusableError(`The bucket ${target.bucket} cannot be used: its store ${lack}`);
}
