import { failpoint } from '@app/config';
import { ForeignBytesError, StorageUnusableError } from '../storage-errors.js';
import type { PartBuffer } from './part-buffer.js';
import { sendPart } from './part-slots.js';
import type { S3Bucket } from './s3-bucket.js';
import type { S3Parts } from './s3-parts.js';

/** Bytes that are to get their key. */
export interface Publishable {
  readonly uploadId: number;
  readonly size: number;
  readonly parts: S3Parts;
  /** The whole bytes, where there are no parts. */
  readonly small: PartBuffer;
}

/**
 * Gives the bytes of an upload their key, and replaces nothing. A store may do what it is asked and answer with an error, or
 * not at all; the object itself says whose it is, so it is looked at whenever an answer leaves that open.
 * @throws ForeignBytesError
 */
export async function publishAt(bucket: S3Bucket, key: string, upload: Publishable): Promise<void> {
  const isNew = await attempt(bucket, key, upload).catch((error: unknown) => error as Error);
  // One put is whole or not there; of joined parts the store itself has to say how many bytes they are.
  if (isNew === true && !upload.parts.any) return published();
  const there = await bucket.head(key);
  if (isNew instanceof Error && there?.uploadId !== upload.uploadId) throw isNew;
  if (!there) throw new StorageUnusableError('The store has not kept what it took');
  if (there.uploadId !== upload.uploadId) throw new ForeignBytesError('There are other bytes at the key');
  if (there.size !== upload.size)
    throw new StorageUnusableError(`The store has ${there.size} bytes of an upload of ${upload.size}`);
  published();
}

/** @returns false where there is something at the key already */
async function attempt(bucket: S3Bucket, key: string, { uploadId, parts, small }: Publishable): Promise<boolean> {
  // Not every store minds the condition when parts are joined. No other upload ever has this key.
  if (parts.any) return !(await bucket.head(key)) && (await parts.join());
  const { sent } = await sendPart(small, (body) => bucket.putNew(key, body, uploadId));
  return sent;
}

function published(): void {
  failpoint('upload.linked');
  failpoint('upload.published');
}
