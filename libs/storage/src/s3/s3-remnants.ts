import type { Remnant } from '../swept-storage.js';
import type { ListedObject, S3Bucket } from './s3-bucket.js';
import { isKey } from './s3-names.js';

/** What uploads made in a bucket before a moment: first the objects, then the uploads in parts. */
export async function* remnantsOf(bucket: S3Bucket, before: number): AsyncGenerator<Remnant[]> {
  for await (const page of bucket.list()) {
    const old = page.filter(({ key, modified }) => modified < before && isKey(key));
    if (old.length > 0) yield old.map((object) => objectOf(bucket, object));
  }
  for await (const { key, multipartId, begun } of bucket.multiparts.list()) {
    const discard = () => bucket.multiparts.drop(key, multipartId);
    if (begun < before && isKey(key)) yield [{ key, isUnfinished: true, discard }];
  }
}

function objectOf(bucket: S3Bucket, { key, etag }: ListedObject): Remnant {
  const discard = async () => {
    const head = await bucket.head(key);
    if (head?.uploadId !== undefined && head.etag === etag) await bucket.remove(key);
  };
  return { key, isUnfinished: false, discard };
}
