import * as s3 from '@aws-sdk/client-s3';
import { PART_MS } from './s3-client.js';
import { options, owned, tell, unless } from './s3-calls.js';
import { isConditionFailed, isUploadMissing } from './s3-errors.js';

export interface ListedUpload {
  readonly key: string;
  readonly multipartId: string;
  /** Milliseconds since 1970, by the store's clock. */
  readonly begun: number;
}

export interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
}

export interface CopiedBytes {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Uploads of a page of their listing. */
const PAGE = 500;

/** The uploads in parts of a bucket. Failures are those of `S3Bucket`. */
export class S3Multiparts {
  private readonly at: { readonly Bucket: string };

  constructor(
    private readonly client: s3.S3Client,
    bucket: string,
  ) {
    this.at = { Bucket: bucket };
  }

  /**
   * All unfinished multipart uploads whose key begins so. Their keys are not asked for encoded: Ceph 16 then encodes them
   * and does not say so.
   */
  async *list(prefix = ''): AsyncGenerator<ListedUpload> {
    for (let from: Pick<s3.ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {}; from;) {
      const command = new s3.ListMultipartUploadsCommand({
        ...this.at,
        Prefix: prefix,
        MaxUploads: PAGE,
        ...from,
      });
      const page: s3.ListMultipartUploadsCommandOutput = await tell(() => this.client.send(command));
      for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? [])
        yield { key: Key, multipartId: UploadId, begun: Initiated?.getTime() ?? Date.now() };
      const next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      from = page.IsTruncated ? next : undefined;
    }
  }

  async begin(key: string, uploadId?: number, signal?: AbortSignal): Promise<string> {
    const command = new s3.CreateMultipartUploadCommand({ ...this.at, Key: key, ...owned(uploadId) });
    return (await tell(() => this.client.send(command, options(signal)))).UploadId!;
  }

  async put(key: string, multipartId: string, PartNumber: number, Body: Buffer, signal?: AbortSignal): Promise<Part> {
    const command = new s3.UploadPartCommand({ ...this.at, Key: key, UploadId: multipartId, PartNumber, Body });
    const { ETag } = await tell(() => this.client.send(command, options(signal, PART_MS)));
    return { PartNumber, ETag: ETag! };
  }

  /** Copies bytes of another object, both ends included, into a part. */
  async copy(key: string, multipartId: string, PartNumber: number, source: CopiedBytes): Promise<Part> {
    const CopySource = `${this.at.Bucket}/${encodeURIComponent(source.key)}`;
    const CopySourceRange = `bytes=${source.from}-${source.to}`;
    const copied = { CopySource, CopySourceRange, UploadId: multipartId, PartNumber };
    const command = new s3.UploadPartCopyCommand({ ...this.at, Key: key, ...copied });
    const { CopyPartResult } = await tell(() => this.client.send(command, options(undefined, PART_MS)));
    return { PartNumber, ETag: CopyPartResult!.ETag! };
  }

  /** Makes an object of the parts. @returns false where there is one already; Ceph before 18 does not look */
  async join(key: string, multipartId: string, parts: readonly Part[]): Promise<boolean> {
    const joined = { UploadId: multipartId, MultipartUpload: { Parts: [...parts] }, IfNoneMatch: '*' };
    const command = new s3.CompleteMultipartUploadCommand({ ...this.at, Key: key, ...joined });
    return unless(isConditionFailed, () => this.client.send(command, options(undefined, PART_MS)));
  }

  /** One that is not there has been dropped too. */
  async drop(key: string, multipartId: string): Promise<void> {
    const command = new s3.AbortMultipartUploadCommand({ ...this.at, Key: key, UploadId: multipartId });
    await unless(isUploadMissing, () => this.client.send(command));
  }
}
