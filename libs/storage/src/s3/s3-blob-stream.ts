import { Readable } from 'node:stream';
import { noteSpent } from '../spent-chunks.js';
import { BlobMissingError, StorageUnusableError } from '../storage-errors.js';
import type { BlobStream } from '../storage.service.js';

/** Milliseconds for which the store may send nothing while more is wanted. */
const STALL_MS = 30_000;
/** Connections that may break without a byte in between, and the milliseconds before the next is tried. */
const PATIENCE = 4;
const PAUSE_MS = 100;
/** Bytes that wait for a reader. */
const AHEAD = 256 * 1024;

/** Opens the bytes from `from` to `to`, both included; undefined where the object is gone. */
export type OpenBytes = (from: number, to: number) => Promise<Readable | undefined>;

/**
 * The bytes of an object from `start` to `end`, both included. A connection that breaks within them is followed by another,
 * which goes on where it broke.
 */
export class S3BlobStream extends Readable implements BlobStream {
  private connecting = false;
  private failures = 0;
  private stalled: NodeJS.Timeout | undefined;

  /** @param body already open at `start`, and maybe longer than what is wanted of it */
  constructor(
    private readonly open: OpenBytes,
    private position: number,
    private readonly last: number,
    private body?: Readable,
  ) {
    super({ highWaterMark: AHEAD });
    if (body) this.follow(body);
  }

  override _read(): void {
    if (this.body) this.flow(this.body);
    else if (!this.connecting) void this.connect();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.stalled);
    this.body?.destroy();
    done(error);
  }

  private flow(body: Readable): void {
    this.stalled ??= setTimeout(() => body.destroy(), STALL_MS);
    body.resume();
  }

  private async connect(): Promise<void> {
    this.connecting = true;
    try {
      if (this.failures > 0) await new Promise((done) => setTimeout(done, PAUSE_MS * 2 ** this.failures));
      if (this.destroyed) return;
      const body = await this.open(this.position, this.last);
      if (!body) throw new BlobMissingError('The blob was removed while it was read');
      if (this.destroyed) return void body.on('error', () => undefined).destroy();
      this.body = body;
      this.follow(body);
      this.flow(body);
    } catch (error) {
      this.destroy(error as Error);
    } finally {
      this.connecting = false;
    }
  }

  private follow(body: Readable): void {
    body.on('data', (chunk: Buffer) => this.receive(chunk, body));
    body.pause();
    body.on('error', () => undefined);
    body.once('close', () => this.broken(body));
  }

  private receive(chunk: Buffer, body: Readable): void {
    if (this.body !== body) return;
    this.failures = 0;
    this.stalled?.refresh();
    const left = this.last + 1 - this.position;
    const piece = chunk.length > left ? chunk.subarray(0, left) : chunk;
    this.position += piece.length;
    const goesOn = this.push(piece);
    noteSpent(chunk.length);
    if (piece.length === left) return this.end(body);
    if (goesOn) return;
    body.pause();
    clearTimeout(this.stalled);
    this.stalled = undefined;
  }

  private end(body: Readable): void {
    this.body = undefined;
    clearTimeout(this.stalled);
    this.push(null);
    // Only at its own end can its connection serve another request; what is longer than that is not waited for.
    setImmediate(() => body.readableEnded || body.destroy());
  }

  private broken(body: Readable): void {
    if (this.body !== body || this.destroyed) return;
    this.body = undefined;
    clearTimeout(this.stalled);
    this.stalled = undefined;
    this.failures += 1;
    if (this.failures > PATIENCE) this.destroy(new StorageUnusableError('The store breaks off while it is read'));
    else void this.connect();
  }
}
