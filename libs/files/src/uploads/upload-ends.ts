import { ContractError } from '@app/contract';
import { File, UnitOfWork } from '@app/database';
import { UploadLostError } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type ResumableIncoming, takenOver } from '../incoming/incoming.js';
import { IncomingService } from '../incoming/incoming.service.js';
import { UploadRollback } from '../incoming/upload-rollback.js';
import { UploadHolds } from './upload-holds.js';
import { deleteUpload, findUpload, markDue, markEnded, unfinishedOf, type UploadRecord } from './upload-rows.js';

/** How uploads end that outlive their requests, other than as a file. */
@Injectable()
export class UploadEnds {
  private readonly logger = new Logger(UploadEnds.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly incoming: IncomingService,
    private readonly rollback: UploadRollback,
    private readonly holds: UploadHolds,
  ) {}

  /**
   * Ends an upload, whoever works on it: its bytes, its name and its room are given back. A file that it has become stays.
   * @throws ContractError bytesNotDeleted when the bytes stay for now; the upload has ended, and they will follow
   */
  async end({ id }: UploadRecord): Promise<void> {
    const hold = await this.holds.seize(id, new ContractError('uploadGone'));
    try {
      const upload = await findUpload(this.dataSource, id);
      if (!upload) return;
      await this.units.run((unit) => markDue(unit, id));
      await this.clear(upload);
    } finally {
      await hold.release();
    }
  }

  /** Ends all unfinished uploads of an account. Where it fails the server goes on with it. */
  async endAll(ownerId: number): Promise<void> {
    for (const upload of await unfinishedOf(this.dataSource, ownerId)) await this.end(upload).catch(() => undefined);
  }

  /**
   * Ends the upload that has the name which a new one was refused for, if nothing has come of it and nobody works on it:
   * as a rule its client never learned its address.
   * @returns whether the name is free now
   */
  async supersede(refusal: unknown): Promise<boolean> {
    const id = refusal instanceof ContractError && (refusal.getResponse() as { uploadId?: string }).uploadId;
    if (!id || (await this.holds.isHeld(id))) return false;
    const upload = await findUpload(this.dataSource, id);
    if (upload && (upload.received > 0 || upload.state === 'live' || (await this.holds.isHeld(id)))) return false;
    if (upload) await this.end(upload);
    return true;
  }

  /** Opens the bytes of an upload. One whose bytes are gone has ended: what was told of it cannot be kept. */
  async resume(upload: UploadRecord): Promise<ResumableIncoming> {
    const file = await this.dataSource.manager.findOneBy(File, { id: upload.fileId!, state: 'pending' });
    if (!file) throw await this.lost(upload.fileId!);
    try {
      return await this.incoming.resume(file, upload.received, upload.length);
    } catch (error) {
      if (!(error instanceof UploadLostError)) throw error;
      // Whoever was frozen meanwhile looks for bytes that another server has made a file of.
      if (await this.rollback.forsake(file)) throw takenOver();
      this.logger.error({ event: 'upload-lost', uploadId: upload.id, fileId: file.id, error: error.message });
      await this.clear(upload);
      throw new ContractError('uploadGone', { cause: error });
    }
  }

  /** Another server may have made a file of it meanwhile. */
  private async lost(fileId: number): Promise<ContractError> {
    return (await this.dataSource.manager.existsBy(File, { id: fileId }))
      ? takenOver()
      : new ContractError('uploadGone');
  }

  private async clear(upload: UploadRecord): Promise<void> {
    const { id, fileId } = upload;
    if (fileId === null) return this.units.run((unit) => deleteUpload(unit, id));
    if (upload.state === 'live') return void (await this.units.run((unit) => markEnded(unit, fileId, Date.now())));
    const file = await this.dataSource.manager.findOneBy(File, { id: fileId, state: 'pending' });
    if (file && !(await this.rollback.rollBack(file))) throw new ContractError('bytesNotDeleted');
    this.logger.log({ event: 'upload-ended', uploadId: id, userId: upload.ownerId, received: upload.received });
  }
}
