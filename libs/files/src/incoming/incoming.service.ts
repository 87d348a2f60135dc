import { limitError, type Room, Usage } from '@app/accounts';
import { AppConfig, failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import type { User } from '@app/database';
import { type StorageService, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { parseFileName } from '../file-name.js';
import { BytesInFlight } from './in-flight.js';
import type { ImportableIncoming, Incoming, ResumableIncoming } from './incoming.js';
import { IncomingFile, type IncomingRules } from './incoming-file.js';
import { type Claim, type Reservation, UploadClaims } from './upload-claims.js';
import { PendingRows } from './pending-rows.js';
import { SmallFile, SMALL_FILE } from './small-file.js';
import { StagedRecords } from './staged-records.js';
import { StagedUploads } from './staged-uploads.js';
import { UploadRollback } from './upload-rollback.js';

/**
 * Where bytes come in. The record that claims the name and the bytes is durable before the first byte, the bytes are
 * durable before they get their name, and the record becomes live last: so whatever happens, a restart knows what to undo.
 */
@Injectable()
export class IncomingService {
  private readonly inFlight = new BytesInFlight();

  constructor(
    private readonly config: AppConfig,
    private readonly storages: Storages,
    private readonly usage: Usage,
    private readonly claims: UploadClaims,
    private readonly rows: PendingRows,
    private readonly rollback: UploadRollback,
    private readonly staged: StagedUploads,
    private readonly stagedRecords: StagedRecords,
  ) {}

  /**
   * Refuses what is known not to fit, before there is a record of it.
   * @param declared bytes, as far as they are known
   * @returns the owner's room, for `begin`
   * @throws ContractError notAuthenticated, fileLimitExceeded, storageLimitExceeded, fileTooLarge; unavailable
   */
  async admit(ownerId: number, declared: number): Promise<Room> {
    this.rows.assertTaking();
    const room = await this.usage.admit(ownerId, declared);
    if (declared > this.config.maxFileSize) throw new ContractError('fileTooLarge');
    return room;
  }

  /**
   * Takes bytes of which it is known how many can come at most: few are gathered first, and staged, which spares the claim
   * (docs/decisions/0260-small-uploads-are-staged.md). More, or a name that somebody may have, are left to `begin`.
   * @param most bytes; none where nobody has said
   * @throws ContractError as `begin`
   */
  async beginWithin(
    most: number | undefined,
    owner: Pick<User, 'id' | 'username'>,
    name: string,
    room: Room,
  ): Promise<Incoming> {
    const { current: storage } = this.storages;
    if (most === undefined || most > SMALL_FILE) return this.begin(owner, name, room);
    const parsed = parseFileName(name, storage.longestName);
    if (!storage.canStage(storage.keyOf(owner.username, parsed))) return this.begin(owner, name, room);
    const draft = await this.stagedRecords.draft(owner, parsed);
    if (!draft) return this.begin(owner, name, room);
    const flight = this.inFlight.of(owner.id, room);
    const judge = (size: number) => {
      this.assertBelowCeiling(size, room);
      flight.grow(size);
    };
    return new SmallFile(draft, most, { staged: this.staged, judge, over: flight.end });
  }

  /**
   * Claims the name.
   * @param name as its sender wrote it
   * @param room as it was when the file was admitted: what can never fit into it, nor into the largest file that is
   * allowed, ends at once. Without it only `commit` judges
   * @param source a file of this machine: where it can be cloned, its bytes are here already (`size`)
   * @throws ContractError invalidFileName, nameTaken; StorageFullError
   */
  async begin(
    owner: Pick<User, 'id' | 'username'>,
    name: string,
    room?: Room,
    source?: string,
  ): Promise<ImportableIncoming> {
    const claim = await this.claims.claim(owner, parseFileName(name, this.storages.current.longestName));
    this.rollback.protect(claim);
    failpoint('upload.claimed');
    try {
      const storage = this.storages.of(claim.storageId);
      const clone = source === undefined ? undefined : await storage.cloneUpload(claim.id, source);
      const writer = clone ?? (await storage.createUpload(claim.id, claim.storageKey));
      const flight = room && this.inFlight.of(owner.id, room);
      const judge = (size: number) => {
        if (room) this.assertBelowCeiling(size, room);
        flight?.grow(size);
      };
      return new IncomingFile(claim, writer, { ...this.rules(storage), judge, over: flight?.end, promised: false });
    } catch (error) {
      await this.rollback.rollBack(claim);
      throw error;
    }
  }

  /**
   * Whether no file, upload or bytes of a deleted file have a name, for the moment.
   * @param name as its sender wrote it
   * @throws ContractError invalidFileName
   */
  async isNameFree(owner: Pick<User, 'id' | 'username'>, name: string): Promise<boolean> {
    return !!(await this.stagedRecords.draft(owner, parseFileName(name, this.storages.current.longestName)));
  }

  /**
   * Claims name and room for an upload that outlives its requests. It is gone on with by `resume`.
   * @param name as its sender wrote it
   * @throws ContractError invalidFileName, nameTaken, uploadLimitExceeded, fileLimitExceeded, storageLimitExceeded
   */
  async reserve(owner: Pick<User, 'id' | 'username'>, name: string, upload: Reservation): Promise<Claim> {
    const claim = await this.claims.claim(owner, parseFileName(name, this.storages.current.longestName), upload);
    failpoint('upload.reserved');
    return claim;
  }

  /**
   * Goes on with an upload of which so many bytes are durable.
   * @param length bytes that were announced
   * @throws UploadLostError when they are not; StorageFullError
   */
  async resume(claim: Claim, offset: number, length: number): Promise<ResumableIncoming> {
    const storage = this.storages.of(claim.storageId);
    const writer = await storage.resumeUpload(claim.id, offset, claim.storageKey);
    const judge = (size: number) => {
      if (size > length) throw new ContractError('fileTooLarge');
    };
    return new IncomingFile(claim, writer, { ...this.rules(storage), judge, promised: true });
  }

  private rules(storage: StorageService): Pick<IncomingRules, 'storage' | 'claims' | 'rows' | 'rollback'> {
    return { storage, claims: this.claims, rows: this.rows, rollback: this.rollback };
  }

  private assertBelowCeiling(size: number, room: Room): void {
    if (size > this.config.maxFileSize) throw new ContractError('fileTooLarge');
    const refusal = size > room.maxStorage && limitError(room, size);
    if (refusal) throw refusal;
  }
}
