import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

interface Stored {
  readonly bytes: Buffer;
  readonly upload: string | undefined;
  readonly modified: Date;
}

interface Multipart {
  readonly key: string;
  readonly upload: string | undefined;
  readonly begun: Date;
  readonly parts: Map<number, Buffer>;
}

export interface StubAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** What a store may lack. */
export type Lack = 'conditions' | 'no-versions' | 'listing' | 'multipart-listing' | 'ranges' | 'deletes';

const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
export const failure = (status: number, code: string): StubAnswer => ({
  status,
  body: `<Error><Code>${code}</Code></Error>`,
});

/** The bucket of an `S3Stub`: what is in it, and what it answers. */
export class StubBucket {
  readonly objects = new Map<string, Stored>();
  readonly multiparts = new Map<string, Multipart>();
  readonly lacks = new Set<Lack>();

  /** Carries out a request. @param operation its name, as S3 calls it */
  carryOut(operation: string, headers: IncomingHttpHeaders, url: URL, body: Buffer): StubAnswer {
    const key = decodeURIComponent(url.pathname).split('/').slice(2).join('/');
    const id = url.searchParams.get('uploadId') ?? '';
    const upload = headers['x-amz-meta-defdrive-upload'] as string | undefined;
    const isNew = !this.objects.has(key) || headers['if-none-match'] !== '*' || this.lacks.has('conditions');
    const put = (bytes: Buffer, owner: string | undefined) => {
      this.objects.set(key, { bytes, upload: owner, modified: new Date() });
      const version: Record<string, string> = this.lacks.has('no-versions') ? { 'x-amz-version-id': 'v1' } : {};
      return { status: 200, headers: { etag: etagOf(bytes), ...version } };
    };
    switch (operation) {
      case 'PutObject':
        return isNew ? put(body, upload) : failure(412, 'PreconditionFailed');
      case 'GetObject':
      case 'HeadObject':
        return this.give(key, headers.range, headers['if-match']);
      case 'DeleteObject':
        if (!this.lacks.has('deletes')) this.objects.delete(key);
        return { status: 204 };
      case 'CreateMultipartUpload': {
        const made = randomUUID();
        this.multiparts.set(made, { key, upload, begun: new Date(), parts: new Map() });
        return xml(`<InitiateMultipartUploadResult><UploadId>${made}</UploadId></InitiateMultipartUploadResult>`);
      }
      case 'UploadPart':
        if (!this.multiparts.has(id)) return failure(404, 'NoSuchUpload');
        this.multiparts.get(id)!.parts.set(Number(url.searchParams.get('partNumber')), body);
        return { status: 200, headers: { etag: etagOf(body) } };
      case 'CompleteMultipartUpload': {
        const multipart = this.multiparts.get(id);
        if (!multipart) return failure(404, 'NoSuchUpload');
        if (!isNew) return failure(412, 'PreconditionFailed');
        const parts = [...multipart.parts].toSorted(([one], [other]) => one - other).map(([, bytes]) => bytes);
        put(Buffer.concat(parts), multipart.upload);
        this.multiparts.delete(id);
        return xml('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
      }
      case 'AbortMultipartUpload':
        return this.multiparts.delete(id) ? { status: 204 } : failure(404, 'NoSuchUpload');
      case 'ListMultipartUploads':
        return this.listMultiparts(url.searchParams);
      default:
        return this.list(url.searchParams);
    }
  }

  private give(key: string, range: string | undefined, match: string | undefined): StubAnswer {
    const stored = this.objects.get(key);
    if (!stored) return failure(404, 'NoSuchKey');
    const etag = etagOf(stored.bytes);
    if (match && match !== etag) return failure(412, 'PreconditionFailed');
    const owner: Record<string, string> = stored.upload ? { 'x-amz-meta-defdrive-upload': stored.upload } : {};
    const headers = { etag, 'last-modified': stored.modified.toUTCString(), ...owner };
    const [, from, to] = (!this.lacks.has('ranges') && /^bytes=(\d+)-(\d+)$/.exec(range ?? '')) || [];
    if (from === undefined) return { status: 200, headers, body: stored.bytes };
    return { status: 206, headers, body: stored.bytes.subarray(Number(from), Number(to) + 1) };
  }

  private list(asked: URLSearchParams): StubAnswer {
    const { prefix, encoded, how } = listing(asked);
    const found = this.lacks.has('listing') ? [] : [...this.objects].filter(([key]) => key.startsWith(prefix));
    const entries = found
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, { bytes, modified }]) => {
        const etag = `<ETag>${escape(etagOf(bytes))}</ETag>`;
        const when = `<LastModified>${modified.toISOString()}</LastModified>`;
        return `<Contents><Key>${encoded(key)}</Key><Size>${bytes.length}</Size>${etag}${when}</Contents>`;
      });
    return xml(`<ListBucketResult>${how}<IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`);
  }

  private listMultiparts(asked: URLSearchParams): StubAnswer {
    const { prefix, encoded, how } = listing(asked);
    const found = [...this.multiparts].filter(([, { key }]) => key.startsWith(prefix));
    const entries = (this.lacks.has('multipart-listing') ? [] : found).map(([id, { key, begun }]) => {
      const when = `<Initiated>${begun.toISOString()}</Initiated>`;
      return `<Upload><Key>${encoded(key)}</Key><UploadId>${id}</UploadId>${when}</Upload>`;
    });
    return xml(
      `<ListMultipartUploadsResult>${how}<IsTruncated>false</IsTruncated>${entries.join('')}</ListMultipartUploadsResult>`,
    );
  }
}

function listing(asked: URLSearchParams) {
  const isEncoded = asked.get('encoding-type') === 'url';
  return {
    prefix: asked.get('prefix') ?? '',
    encoded: isEncoded ? encodeURIComponent : escape,
    how: isEncoded ? '<EncodingType>url</EncodingType>' : '',
  };
}

function xml(text: string): StubAnswer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${text}` };
}
