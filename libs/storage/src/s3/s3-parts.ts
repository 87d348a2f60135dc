import type { PartBuffer } from './part-buffer.js';
import { MOST_PARTS } from './part-sizes.js';
import { sendPart } from './part-slots.js';
import type { S3Bucket } from './s3-bucket.js';
import type { Part } from './s3-multiparts.js';
import { StorageFullError } from '../storage-errors.js';

/** What of an upload's parts must be known to go on with it. */
export interface PartsState {
  readonly multipartId: string;
  /** Of the parts that are durable, from the first on without a gap. */
  readonly etags: readonly string[];
}

/** The parts of one upload, on their way into the store. After a failure nothing more is sent. */
export class S3Parts {
  private multipartId: Promise<string> | undefined;
  private readonly done: (Part | undefined)[];
  private readonly underWay = new Set<Promise<void>>();
  private readonly aborter = new AbortController();
  private failure: { readonly error: unknown } | undefined;
  private begun: number;

  /** @param from where an earlier process or request has got to */
  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly uploadId: number,
    from?: PartsState,
  ) {
    this.multipartId = from && Promise.resolve(from.multipartId);
    this.done = (from?.etags ?? []).map((ETag, n) => ({ PartNumber: n + 1, ETag }));
    this.begun = this.done.length;
  }

  /** Called when a part has become durable. */
  onSent: () => void = () => undefined;

  /** Whether there is any part: small bodies have none. */
  get any(): boolean {
    return this.begun > 0;
  }

  /** The number that the next part has. */
  get next(): number {
    return this.begun + 1;
  }

  /** Sends the next part. Resolves when it is on its way: its memory is free for the next one. */
  async send(part: PartBuffer): Promise<void> {
    this.assertWhole();
    if (this.begun === MOST_PARTS) throw new StorageFullError('A file has more parts than the store takes');
    this.multipartId ??= this.bucket.multiparts.begin(this.key, this.uploadId, this.aborter.signal);
    this.begun += 1;
    const PartNumber = this.begun;
    const id = await this.multipartId;
    const { sent } = await sendPart(part, (body) => {
      this.aborter.signal.throwIfAborted();
      return this.bucket.multiparts.put(this.key, id, PartNumber, body, this.aborter.signal);
    });
    this.follow(sent);
  }

  /** Resolves when all parts are durable. @throws what the first one failed with */
  async settle(): Promise<void> {
    await Promise.all(this.underWay);
    this.assertWhole();
  }

  /** What is durable without a gap. */
  async state(): Promise<PartsState | undefined> {
    if (!this.multipartId) return undefined;
    const gap = this.done.findIndex((part) => !part);
    const whole = gap < 0 ? this.done : this.done.slice(0, gap);
    return { multipartId: await this.multipartId, etags: whole.map((part) => part!.ETag) };
  }

  /** Makes an object of all parts, which are durable. @returns false where there is one at the key already */
  async join(): Promise<boolean> {
    return this.bucket.multiparts.join(this.key, await this.multipartId!, this.done as Part[]);
  }

  /** Sends no more, and resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.aborter.abort(new Error('The upload has ended'));
    await Promise.allSettled([this.multipartId, ...this.underWay]);
  }

  private follow(sent: Promise<Part>): void {
    const followed = sent.then(
      (part) => {
        this.done[part.PartNumber - 1] = part;
        this.onSent();
      },
      (error: unknown) => void (this.failure ??= { error }),
    );
    this.underWay.add(followed);
    void followed.then(() => this.underWay.delete(followed));
  }

  private assertWhole(): void {
    if (this.failure) throw this.failure.error;
  }
}
