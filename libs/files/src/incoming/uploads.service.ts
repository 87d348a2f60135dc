import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { AuthenticatedUser } from '@app/accounts';
import { AppConfig, failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { File, User } from '@app/database';
import { type BlobDigest, type BlobWriter, ForeignBytesError, StorageFullError, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { parseFileName } from '../file-name.js';
import { ClientGoneError, type FilePart, MULTIPART_OVERHEAD, readFilePart } from '../http/multipart.js';
import { type Claim, limitError, UploadClaims } from './upload-claims.js';
import { UploadRollback } from './upload-rollback.js';
import { UploadTurns } from './upload-turns.js';

const ROOM = 'SELECT maxFiles, maxStorage, usedFiles, usedBytes FROM users WHERE id = ?';
type Room = Pick<User, 'maxFiles' | 'maxStorage' | 'usedFiles' | 'usedBytes'>;

/** One upload under way. */
interface Upload {
  readonly owner: AuthenticatedUser;
  /** As it was when the upload was admitted. */
  readonly room: Room;
  readonly abort: AbortController;
  claim?: Claim;
  writer?: BlobWriter;
}

/**
 * Takes uploads. The record that claims the name and the bytes is durable before the first byte, the bytes are durable
 * before they get their name, and the record becomes live last: so whatever happens, a restart knows what to undo.
 */
@Injectable()
export class UploadsService {
  private readonly logger = new Logger(UploadsService.name);
  private readonly turns: UploadTurns;
  private readonly underWay = new Set<Upload>();
  private stopped = false;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly claims: UploadClaims,
    private readonly rollback: UploadRollback,
  ) {
    this.turns = new UploadTurns(config.uploadsInFlight);
  }

  /**
   * Takes the file of a multipart request.
   * @param begin called when the body is wanted: what cannot be accepted is refused before
   * @returns the live file
   */
  async receive(owner: AuthenticatedUser, request: IncomingMessage, begin: () => void): Promise<File> {
    const upload: Upload = { owner, room: await this.admit(owner, request), abort: new AbortController() };
    const onClose = () => upload.abort.abort(new ClientGoneError('The client went away'));
    const turn = () => {
      // The queue knows no signal: it would let go of an upload that is aborted before its roll-back has ended.
      upload.abort.signal.throwIfAborted();
      request.off('close', onClose);
      begin();
      return this.take(upload, request);
    };
    this.underWay.add(upload);
    request.once('close', onClose);
    try {
      return await this.turns.take(owner.id, turn);
    } finally {
      request.off('close', onClose);
      this.underWay.delete(upload);
    }
  }

  /** Ends all uploads without a trace and takes no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const { abort } of this.underWay) abort.abort(stopping());
    await this.turns.idle();
    this.rollback.stop();
  }

  /** Refuses what is known not to fit. @returns the room that its owner has */
  private async admit(owner: AuthenticatedUser, request: IncomingMessage): Promise<Room> {
    if (this.stopped) throw stopping();
    const [user] = await this.dataSource.query<Room[]>(ROOM, [owner.id]);
    if (!user) throw new ContractError('notAuthenticated');
    const declared = Math.max(0, Number(request.headers['content-length'] ?? 0) - MULTIPART_OVERHEAD);
    const refusal = limitError(user, declared);
    if (refusal) throw refusal;
    if (declared > this.config.maxFileSize) throw new ContractError('fileTooLarge');
    return user;
  }

  private async take(upload: Upload, request: IncomingMessage): Promise<File> {
    try {
      const digest = await readFilePart(request, (part) => this.store(upload, part));
      return await this.publish(upload.claim!, upload.writer!, digest);
    } catch (error) {
      if (upload.claim) await this.rollback.rollBack(upload.claim);
      throw this.translate(error, upload);
    }
  }

  private async store(upload: Upload, part: FilePart): Promise<BlobDigest> {
    upload.claim = await this.claims.claim(upload.owner, parseFileName(part.name));
    this.rollback.protect(upload.claim);
    failpoint('upload.claimed');
    upload.writer = await this.storages.of(upload.claim.storageId).createUpload(upload.claim.id);
    await pour(part.bytes, upload.writer, upload.abort.signal, (size) => this.assertBelowCeiling(upload, size));
    return upload.writer.finish();
  }

  /** Ends what can never fit, whatever else is deleted meanwhile. */
  private assertBelowCeiling({ room }: Upload, size: number): void {
    if (size > this.config.maxFileSize) throw new ContractError('fileTooLarge');
    const refusal = size > room.maxStorage && limitError(room, size);
    if (refusal) throw refusal;
  }

  private async publish(claim: Claim, writer: BlobWriter, digest: BlobDigest): Promise<File> {
    const file = await this.storages.of(claim.storageId).exclusively(claim.storageKey, async () => {
      await writer.publish(claim.storageKey);
      const live = await this.claims.makeLive(claim, digest);
      failpoint('upload.live');
      this.rollback.release(claim);
      return live;
    });
    // The upload has succeeded: a temporary name that stays is swept at the next start.
    await writer.close().catch((error) => this.logger.warn({ event: 'temporary-file-left', error: String(error) }));
    return file;
  }

  private translate(error: unknown, { claim }: Upload): unknown {
    if (error instanceof StorageFullError) return new ContractError('insufficientStorage', { cause: error });
    if (error instanceof ForeignBytesError) {
      this.logger.error({
        event: 'foreign-bytes',
        fileId: claim?.id,
        error: 'There are bytes at the key that are not ours',
      });
    }
    return error;
  }
}

function stopping(): ContractError {
  return new ContractError('unavailable', { retryAfter: 5, headers: { connection: 'close' } });
}

/** Moves all bytes into the writer, one write in flight, and no more than that in memory. */
function pour(bytes: Readable, writer: BlobWriter, abort: AbortSignal, judge: (size: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      bytes.destroy();
      reject(error);
    };
    bytes.on('data', (chunk: Buffer) => {
      try {
        judge(writer.size + chunk.length);
        const full = writer.write(chunk);
        if (!full) return;
        bytes.pause();
        full.then(() => bytes.resume(), fail);
      } catch (error) {
        fail(error);
      }
    });
    bytes.on('end', resolve).on('error', reject);
    bytes.on('close', () => reject(new Error('The bytes ended early')));
    abort.addEventListener('abort', () => fail(abort.reason));
    if (abort.aborted) fail(abort.reason);
    // It may have ended while its record was made.
    if (bytes.destroyed) reject(bytes.errored ?? new Error('The bytes ended early'));
  });
}
