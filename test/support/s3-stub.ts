import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

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

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** What becomes of a request: `undone` ones have no effect. */
export type Fate =
  | { readonly kind: 'undone' | 'done'; readonly status: number; readonly code: string }
  | { readonly kind: 'undone' | 'done'; readonly broken: true }
  /** Carried out when the test says so, and answered with an error at once. */
  | { readonly kind: 'later'; readonly status: number; readonly code: string }
  /** Breaks off after so many bytes of its body. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Answered so many milliseconds later than it could be. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Carried out so many milliseconds later than it could be. */
  | { readonly kind: 'held'; readonly ms: number };

/** What a store may lack. */
export type Lack = 'conditions' | 'no-versions' | 'listing' | 'multipart-listing' | 'ranges' | 'deletes';

const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const failure = (status: number, code: string): Answer => ({ status, body: `<Error><Code>${code}</Code></Error>` });

/** A small S3 store on a real socket, which does to requests what a test wants. It knows one bucket and no signatures. */
export class S3Stub {
  readonly objects = new Map<string, Stored>();
  readonly multiparts = new Map<string, Multipart>();
  readonly lacks = new Set<Lack>();
  /** Requests by their names, in order. */
  readonly seen: string[] = [];
  private readonly fates: { readonly operation: string; readonly fate: Fate }[] = [];
  private readonly everyFate = new Map<string, Fate>();
  private readonly later: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<S3Stub> {
    const server = createServer();
    const stub = new S3Stub(server);
    server.on('request', (request, response) => void stub.serve(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return stub;
  }

  get url(): string {
    return `s3://key:secret@127.0.0.1:${(this.server.address() as AddressInfo).port}/bucket?tls=off`;
  }

  /** Decides what becomes of the next requests of this name, one after the other. */
  meet(operation: string, ...fates: Fate[]): void {
    this.fates.push(...fates.map((fate) => ({ operation, fate })));
  }

  /** Decides what becomes of all requests of this name. */
  meetAll(operation: string, fate: Fate): void {
    this.everyFate.set(operation, fate);
  }

  /** From now on nothing happens to requests. */
  forgive(): void {
    this.fates.length = 0;
    this.everyFate.clear();
  }

  /** Carries out what was put off. */
  catchUp(): void {
    for (const work of this.later.splice(0)) work();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request).catch(() => undefined);
    if (!body) return;
    const url = new URL(request.url!, 'http://stub');
    const operation = nameOf(request.method!, url);
    this.seen.push(operation);
    const at = this.fates.findIndex((planned) => planned.operation === operation);
    const fate = at < 0 ? this.everyFate.get(operation) : this.fates.splice(at, 1)[0]!.fate;
    const work = () => this.carryOut(operation, request, url, body);
    if (fate?.kind === 'held') await new Promise((done) => setTimeout(done, fate.ms));
    if (!fate || fate.kind === 'cut' || fate.kind === 'slow' || fate.kind === 'held') {
      const answer = work();
      if (fate?.kind === 'slow') await new Promise((done) => setTimeout(done, fate.ms));
      return send(response, answer, fate?.kind === 'cut' ? fate.bytes : undefined);
    }
    if (fate.kind === 'done') work();
    if (fate.kind === 'later') this.later.push(() => void work());
    if ('broken' in fate) request.socket.destroy();
    else send(response, failure(fate.status, fate.code));
  }

  private carryOut(operation: string, { headers }: IncomingMessage, url: URL, body: Buffer): Answer {
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

  private give(key: string, range: string | undefined, match: string | undefined): Answer {
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

  private list(asked: URLSearchParams): Answer {
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

  private listMultiparts(asked: URLSearchParams): Answer {
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

function xml(text: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${text}` };
}

function send(response: ServerResponse, { status, headers, body = '' }: Answer, cut?: number): void {
  const bytes = Buffer.from(body as string);
  const isHead = response.req.method === 'HEAD';
  const length: Record<string, string> = status === 204 ? {} : { 'content-length': String(bytes.length) };
  response.writeHead(status, { ...headers, ...length });
  if (cut === undefined) response.end(isHead ? undefined : bytes);
  else response.write(bytes.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
}

function nameOf(method: string, { pathname, searchParams }: URL): string {
  const isObject = pathname.split('/').length > 2 && pathname.split('/')[2] !== '';
  if (!isObject) return searchParams.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2';
  if (method === 'POST') return searchParams.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
  if (searchParams.has('uploadId')) return method === 'PUT' ? 'UploadPart' : 'AbortMultipartUpload';
  return { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' }[method]!;
}
