import type { Readable } from 'node:stream';
import type { S3Target } from '@app/config';
import * as s3 from '@aws-sdk/client-s3';
import { createClient, PART_MS } from './s3-client.js';
import { isConditionFailed } from './s3-errors.js';
import { find, keyIn, options, owned, OWNER, tell, unless } from './s3-calls.js';
import { S3Multiparts } from './s3-multiparts.js';

/** What is known of an object without its bytes. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** Whose upload made it; none for what others put there. */
  readonly uploadId: number | undefined;
  /** Milliseconds since 1970, by the store's clock. */
  readonly modified: number;
}

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
}

/** Entries of one page of a listing. */
const PAGE = 500;

/**
 * A bucket, in the few verbs that the storage needs. What stores do differently stays in here. Every failure but those that
 * a method names is a StorageFullError or a StorageUnusableError.
 */
export class S3Bucket {
  private readonly client: s3.S3Client;
  private readonly at: { readonly Bucket: string };
  /** Uploads in parts. */
  readonly multiparts: S3Multiparts;

  constructor(readonly target: S3Target) {
    this.client = createClient(target);
    this.at = { Bucket: target.bucket };
    this.multiparts = new S3Multiparts(this.client, target.bucket);
  }

  /**
   * Puts an object where none is.
   * @returns false where there is one already, maybe from an earlier attempt of this very put
   */
  async putNew(key: string, body: Buffer, uploadId?: number, signal?: AbortSignal): Promise<boolean> {
    const command = new s3.PutObjectCommand({ ...this.at, Key: key, Body: body, IfNoneMatch: '*', ...owned(uploadId) });
    return unless(isConditionFailed, () => this.client.send(command, options(signal, PART_MS)));
  }

  /** Puts an object, whatever is there. @returns the version that a bucket with versions gave it */
  async put(key: string, body: Buffer, signal?: AbortSignal): Promise<string | undefined> {
    const command = new s3.PutObjectCommand({ ...this.at, Key: key, Body: body });
    return (await tell(() => this.client.send(command, options(signal, PART_MS)))).VersionId;
  }

  /**
   * Opens an object.
   * @param range as in the header, only of the very object with that ETag
   * @returns undefined where there is none
   */
  async get(key: string, range?: { readonly from: number; readonly to: number; readonly etag: string }) {
    const part = range && { Range: `bytes=${range.from}-${range.to}`, IfMatch: range.etag };
    const answer = await find(() =>
      this.client.send(new s3.GetObjectCommand({ ...this.at, Key: key, ...part }), options(undefined)),
    );
    return answer && { ...headOf(answer), body: answer.Body as unknown as Readable };
  }

  /** The bytes of a small object; undefined where there is none. */
  async read(key: string): Promise<Buffer | undefined> {
    const object = await this.get(key);
    if (!object) return undefined;
    return tell(async () => Buffer.concat(await object.body.toArray()));
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    const answer = await find(() => this.client.send(new s3.HeadObjectCommand({ ...this.at, Key: key })));
    return answer && headOf(answer);
  }

  /** What is not there is removed too. */
  async remove(key: string): Promise<void> {
    await tell(() => this.client.send(new s3.DeleteObjectCommand({ ...this.at, Key: key })));
  }

  /** All objects whose key begins so, in the order of their keys, a page at a time. */
  async *list(prefix = ''): AsyncGenerator<ListedObject[]> {
    for (let token: string | undefined, more = true; more;) {
      const command = new s3.ListObjectsV2Command({
        ...this.at,
        Prefix: prefix,
        MaxKeys: PAGE,
        EncodingType: 'url' as const,
        ContinuationToken: token,
      });
      const page = await tell(() => this.client.send(command));
      yield (page.Contents ?? []).map(({ Key = '', Size = 0, ETag = '', LastModified }) => {
        return { key: keyIn(page, Key), size: Size, etag: ETag, modified: LastModified?.getTime() ?? 0 };
      });
      token = page.NextContinuationToken;
      more = token !== undefined;
    }
  }

  close(): void {
    this.client.destroy();
  }
}

type Answered = Pick<s3.HeadObjectCommandOutput, 'ContentLength' | 'ETag' | 'Metadata' | 'LastModified'>;

function headOf({ ContentLength = 0, ETag = '', Metadata, LastModified }: Answered): ObjectHead {
  const owner = Metadata?.[OWNER];
  const uploadId = owner === undefined ? undefined : Number(owner);
  return { size: ContentLength, etag: ETag, uploadId, modified: LastModified?.getTime() ?? 0 };
}
