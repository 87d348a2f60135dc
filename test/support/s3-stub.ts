import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { failure, StubBucket, type StubAnswer } from './s3-stub-bucket.js';

export type { Lack } from './s3-stub-bucket.js';

/** What becomes of a request: `undone` ones have no effect. */
export type Fate =
  | { readonly kind: 'undone' | 'done'; readonly status: number; readonly code: string }
  | { readonly kind: 'undone' | 'done'; readonly broken: true }
  /** Carried out when the test says so, and answered with an error at once. */
  | { readonly kind: 'later'; readonly status: number; readonly code: string }
  /** Breaks off after so many bytes of its body. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Answered so many milliseconds later than it could be, or when the test says so. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'waits'; readonly until: Promise<void> }
  /** Carried out so many milliseconds later than it could be. */
  | { readonly kind: 'held'; readonly ms: number };

/** A small S3 store on a real socket, which does to requests what a test wants. It knows one bucket and no signatures. */
export class S3Stub {
  private readonly bucket = new StubBucket();
  readonly objects = this.bucket.objects;
  readonly multiparts = this.bucket.multiparts;
  readonly lacks = this.bucket.lacks;
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
    const work = () => this.bucket.carryOut(operation, request.headers, url, body);
    if (fate?.kind === 'held') await new Promise((done) => setTimeout(done, fate.ms));
    if (!fate || fate.kind === 'cut' || fate.kind === 'slow' || fate.kind === 'waits' || fate.kind === 'held') {
      const answer = work();
      if (fate?.kind === 'slow') await new Promise((done) => setTimeout(done, fate.ms));
      if (fate?.kind === 'waits') await fate.until;
      return send(response, answer, fate?.kind === 'cut' ? fate.bytes : undefined);
    }
    if (fate.kind === 'done') work();
    if (fate.kind === 'later') this.later.push(() => void work());
    if ('broken' in fate) request.socket.destroy();
    else send(response, failure(fate.status, fate.code));
  }
}

function send(response: ServerResponse, { status, headers, body = '' }: StubAnswer, cut?: number): void {
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
