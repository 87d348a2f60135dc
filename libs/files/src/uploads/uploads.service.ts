import { randomBytes } from 'node:crypto';
import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import type { User } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type ResumableIncoming, stopping, takenOver } from '../incoming/incoming.js';
import { IncomingService } from '../incoming/incoming.service.js';
import { UploadTurns } from '../incoming/upload-turns.js';
import { UploadEnds } from './upload-ends.js';
import { type Hold, UploadHolds } from './upload-holds.js';
import { takePart, type UploadPart } from './upload-part.js';
import { UploadOffsets } from './upload-offsets.js';
import { findUpload, unfinishedOf, type UploadRecord } from './upload-rows.js';

/** What an upload is announced with. */
export interface AnnouncedUpload {
  /** As its sender wrote it. */
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** Given back as it came. */
  readonly metadata: string;
}

/**
 * Uploads that outlive their requests (docs/decisions/0090-resumable-uploads.md): begun with everything that could refuse
 * them, gone on with part by part, and a file as soon as the last byte is durable. An offset that was told survives.
 */
@Injectable()
export class UploadsService {
  private readonly logger = new Logger(UploadsService.name);
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly offsets: UploadOffsets,
    private readonly incoming: IncomingService,
    private readonly holds: UploadHolds,
    private readonly ends: UploadEnds,
    private readonly turns: UploadTurns,
  ) {}

  /**
   * Begins an upload: claims its name and reserves its room. Whatever would refuse the file refuses it now.
   * @throws ContractError invalidFileName, nameTaken, fileTooLarge, uploadLimitExceeded, fileLimitExceeded,
   * storageLimitExceeded
   */
  async create(
    owner: Pick<User, 'id' | 'username'>,
    { name, length, metadata }: AnnouncedUpload,
  ): Promise<UploadRecord> {
    if (this.stopped) throw stopping();
    await this.incoming.admit(owner.id, length);
    const reserve = async () => {
      const id = randomBytes(16).toString('hex');
      await this.incoming.reserve(owner, name, { id, length, metadata, expiresAt: this.offsets.expiry() });
      return id;
    };
    const id = await reserve().catch(async (error: unknown) => {
      if (!(await this.ends.supersede(error))) throw error;
      return reserve();
    });
    this.logger.log({ event: 'upload-begun', uploadId: id, userId: owner.id, length });
    const upload = await this.require(id);
    return length === 0 ? this.complete(upload) : upload;
  }

  /** An owner's unfinished uploads, the oldest first. */
  list(ownerId: number): Promise<UploadRecord[]> {
    return unfinishedOf(this.dataSource, ownerId);
  }

  /**
   * Tells how far an upload is. One that is whole is finished first, if nobody has; one that another request has is
   * waited for, for a moment, since that may be its client's own dead connection.
   * @throws ContractError uploadLocked for one that is whole and being finished: clients take "all bytes" for "a file"
   */
  async look(upload: UploadRecord): Promise<UploadRecord> {
    if (upload.state === 'live') return upload;
    const hold = await this.holds.take(upload.id).catch(() => undefined);
    if (!hold) return unlessWhole(await this.require(upload.id));
    try {
      return await this.completeWithin(await this.require(upload.id));
    } finally {
      await hold.release();
    }
  }

  /**
   * Takes a part; the last one finishes the upload. When this resolves, what it tells is durable.
   * @throws ContractError uploadLocked, uploadGone, uploadOffset, fileTooLarge, checksumMismatch
   */
  async append({ id }: UploadRecord, part: UploadPart): Promise<UploadRecord> {
    if (this.stopped) throw stopping();
    const hold = await this.holds.take(id);
    try {
      const upload = await this.completeWithin(await this.require(id));
      if (part.offset !== upload.received) throw new ContractError('uploadOffset', { fields: offsetOf(upload) });
      if ((part.declared ?? 0) > upload.length - upload.received) throw new ContractError('fileTooLarge');
      if (upload.state === 'live') return upload;
      const end = (reason: ContractError) => hold.makeWay(reason);
      const uploader = { ownerId: upload.ownerId, signal: hold.signal, taken: () => hold.taken, end };
      return await this.turns.take(uploader, () => this.appendWithin(upload, part, hold));
    } finally {
      await hold.release();
    }
  }

  /** Ends an upload: its bytes, its name and its room are given back. A file that it has become stays. */
  end(upload: UploadRecord): Promise<void> {
    return this.ends.end(upload);
  }

  /** Finishes an upload whose bytes are all there. For whoever finds one. */
  async complete({ id }: UploadRecord): Promise<UploadRecord> {
    const hold = await this.holds.take(id);
    try {
      return await this.completeWithin(await this.require(id));
    } finally {
      await hold.release();
    }
  }

  /** Lets every request make way, with what it has taken, and takes no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.holds.clear(stopping());
  }

  private async appendWithin(upload: UploadRecord, part: UploadPart, hold: Hold): Promise<UploadRecord> {
    const incoming = await this.ends.resume(upload);
    let saving: Promise<unknown> = Promise.resolve();
    // What has a checksum is taken whole or not at all.
    if (!part.checksum)
      incoming.onDurable((at) => (saving = saving.then(() => this.offsets.saveMeanwhile(upload, at))));
    try {
      const { received, error } = await takePart(part, incoming, hold);
      failpoint('append.synced');
      const appended = await this.offsets.save(upload, received);
      failpoint('append.saved');
      if (appended.received === appended.length) return await this.publish(appended, incoming);
      if (error !== undefined) throw error;
      return appended;
    } catch (error) {
      throw (await incoming.forsake()) ? takenOver() : error;
    } finally {
      await saving;
      await incoming.letGo();
    }
  }

  private async completeWithin(upload: UploadRecord): Promise<UploadRecord> {
    if (upload.state !== 'pending' || upload.received < upload.length) return upload;
    const incoming = await this.ends.resume(upload);
    try {
      return await this.publish(upload, incoming);
    } finally {
      await incoming.letGo();
    }
  }

  private async publish(upload: UploadRecord, incoming: ResumableIncoming): Promise<UploadRecord> {
    const { id: fileId } = await incoming.commit();
    this.logger.log({ event: 'upload-finished', uploadId: upload.id, fileId, userId: upload.ownerId });
    return { ...upload, state: 'live', reserved: null };
  }

  /** @throws ContractError uploadGone, uploadNotFound */
  private async require(id: string): Promise<UploadRecord> {
    const upload = await findUpload(this.dataSource, id);
    if (!upload) throw new ContractError('uploadNotFound');
    assertThere(upload);
    return upload;
  }
}

/** @throws ContractError uploadLocked for one whose bytes are all there, and which is no file yet */
function unlessWhole(upload: UploadRecord): UploadRecord {
  if (upload.state === 'live' || upload.received < upload.length) return upload;
  throw new ContractError('uploadLocked', { retryAfter: 1 });
}

/** @throws ContractError uploadGone for what has ended, or is about to */
export function assertThere({ fileId, expiresAt }: UploadRecord): void {
  if (fileId === null || expiresAt <= Date.now()) throw new ContractError('uploadGone');
}

const offsetOf = ({ received }: UploadRecord) => ({ offset: received });
