import { createHash, type Hash } from 'node:crypto';
import { failpoint } from '@app/config';
import { noteSpent } from '../spent-chunks.js';
import type { BlobDigest, BlobWriter } from '../storage.service.js';
import { PartBuffer } from './part-buffer.js';
import { partSize } from './part-sizes.js';
import { publishAt } from './s3-publication.js';
import type { S3Bucket } from './s3-bucket.js';
import type { S3Parts } from './s3-parts.js';
import type { UploadState } from './s3-upload-states.js';

/** Bytes between two places from which an upload can be gone on with after a crash, while a long part of it comes in. */
const TELL_EVERY = 32 * 1024 * 1024;

/** Where an upload begins, or goes on. */
export interface WriterStart {
  /** Bytes that are there already. */
  readonly offset: number;
  /** The last of them: they are in no part. */
  readonly tail: Buffer;
  /** Of them; undefined where it is lost, and is made of what the store gives back. */
  readonly hash: Hash | undefined;
  /** Whether all bytes stand at their key already. */
  readonly isPublished?: boolean;
}

/** What the writer leaves to the storage it belongs to. */
export interface WriterPlace {
  readonly bucket: S3Bucket;
  readonly uploadId: number;
  readonly key: string;
  /** Makes known, durably, from where the upload can be gone on with. */
  save(offset: number, state: UploadState): Promise<void>;
  /** Keeps the hash of so many bytes for the next request. */
  keepHash(offset: number, hash: Hash): void;
  /** The bytes are a file: removes what was only of use to the upload. */
  close(): Promise<void>;
  letGo(): void;
}

/** Sends an upload to the store in parts while it comes in; a small one in the end. */
export class S3BlobWriter implements BlobWriter {
  size: number;
  onDurable?: (size: number) => void;
  private filling: PartBuffer;
  private readonly full: PartBuffer[] = [];
  private sending: Promise<void> | undefined;
  private telling: Promise<void> | undefined;
  private told: number;
  private isPublished: boolean;

  /** The number of the part that is being filled. */
  private number: number;
  /** Bytes from which the store knows how to go on. */
  private saved: number;
  private readonly hash: Hash | undefined;

  constructor(
    private readonly place: WriterPlace,
    private readonly parts: S3Parts,
    { offset, tail, hash, isPublished = false }: WriterStart,
  ) {
    this.isPublished = isPublished;
    this.size = offset;
    this.told = offset;
    this.saved = offset;
    this.hash = hash;
    this.number = parts.next;
    this.filling = new PartBuffer(partSize(this.number));
    this.filling.add(tail);
    parts.onSent = () => void this.tellDurable();
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.hash?.update(chunk);
    this.size += chunk.length;
    noteSpent(chunk.length);
    for (let rest = chunk; rest.length > 0;) {
      rest = rest.subarray(this.filling.add(rest));
      if (this.filling.isFull) this.seal();
    }
    const room = this.filling.takeRoom();
    if (this.full.length === 0) return room;
    return room ? Promise.all([room, this.sendFull()]).then(() => undefined) : this.sendFull();
  }

  async finish(): Promise<BlobDigest> {
    if (!this.isPublished) await this.sendAll();
    failpoint('upload.synced');
    const sha256 = this.hash ? this.hash.digest('hex') : await this.hashOfStored();
    return { size: this.size, sha256 };
  }

  async suspend(): Promise<number> {
    await this.sendFull();
    await this.parts.settle();
    if (this.size !== this.saved) await this.saveState();
    failpoint('upload.synced');
    if (this.hash) this.place.keepHash(this.size, this.hash.copy());
    return this.size;
  }

  async publish(): Promise<void> {
    if (this.isPublished) return;
    const { size, parts, filling: small } = this;
    await publishAt(this.place.bucket, this.place.key, { uploadId: this.place.uploadId, size, parts, small });
    this.isPublished = true;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.place.close();
  }

  async letGo(): Promise<void> {
    await this.stop();
    this.place.letGo();
  }

  /** Sends no more, and resolves when nothing is under way. */
  async stop(): Promise<void> {
    await this.parts.stop();
    await Promise.allSettled([this.sending, this.telling]);
    for (const part of [this.filling, ...this.full.splice(0)]) part.release();
  }

  private seal(): void {
    this.full.push(this.filling);
    this.number += 1;
    this.filling = new PartBuffer(partSize(this.number));
  }

  private async sendAll(): Promise<void> {
    await this.sendFull();
    if (this.parts.any && this.filling.length > 0) await this.parts.send(this.filling);
    await this.parts.settle();
  }

  /** Resolves when every full part is on its way. */
  private async sendFull(): Promise<void> {
    while (this.sending) await this.sending;
    if (this.full.length === 0) return;
    this.sending = this.sendEach().finally(() => (this.sending = undefined));
    this.sending.catch(() => undefined);
    await this.sending;
  }

  private async sendEach(): Promise<void> {
    for (let part = this.full[0]; part; part = this.full[0]) {
      await this.parts.send(part);
      this.full.shift();
    }
  }

  private async saveState(): Promise<void> {
    await this.telling;
    const tail = this.filling.copyTo(Buffer.allocUnsafe(this.filling.length));
    await this.place.save(this.size, { parts: await this.parts.state(), tail });
    this.saved = this.size;
  }

  /** One at a time; what cannot be made known now is with the next one. */
  private async tellDurable(): Promise<void> {
    if (!this.onDurable || this.telling) return;
    const parts = await this.parts.state();
    const reached = parts?.etags.reduce((sum, _, n) => sum + partSize(n + 1), 0) ?? 0;
    if (reached < this.told + TELL_EVERY || this.telling) return;
    this.told = reached;
    const saving = this.place.save(reached, { parts, tail: Buffer.alloc(0) });
    this.telling = saving
      .then(
        () => this.onDurable?.(reached),
        () => undefined,
      )
      .finally(() => (this.telling = undefined));
  }

  /** Parts of an unfinished upload cannot be read: they get their key now, which no record makes a file of yet. */
  private async hashOfStored(): Promise<string> {
    await this.publish();
    const object = await this.place.bucket.get(this.place.key);
    if (!object) throw new Error('What was published is gone');
    const hash = createHash('sha256');
    for await (const chunk of object.body) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }
}
