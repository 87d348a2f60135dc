import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { UnitOfWork } from '@app/database';
import { Servers } from '@app/leases';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { takenOver } from '../incoming/incoming.js';
import { findUpload, saveOffset, type UploadRecord } from './upload-rows.js';

/** Writes down how far uploads are. */
@Injectable()
export class UploadOffsets {
  private readonly logger = new Logger(UploadOffsets.name);

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly servers: Servers,
  ) {}

  /** Until when an upload is kept that has had a byte just now. */
  expiry(): number {
    return Date.now() + this.config.uploadTtlMs;
  }

  /** @throws ContractError uploadGone; unavailable where another server has it by now */
  async save(upload: UploadRecord, received: number): Promise<UploadRecord> {
    const reached = { received, expiresAt: this.expiry() };
    if (await this.write(upload, reached)) return { ...upload, ...reached };
    throw (await this.isThere(upload)) ? takenOver() : new ContractError('uploadGone');
  }

  /** Most clients send all that is left in one part: what of it is durable must outlive a crash in its midst. */
  async saveMeanwhile(upload: UploadRecord, received: number): Promise<void> {
    try {
      await this.write(upload, { received, expiresAt: this.expiry() });
    } catch (error) {
      this.logger.warn({ event: 'offset-not-saved', uploadId: upload.id, error: String(error) });
    }
  }

  private write(upload: UploadRecord, reached: Pick<UploadRecord, 'received' | 'expiresAt'>): Promise<boolean> {
    return this.units.run((unit) => saveOffset(unit, upload, reached, this.servers.own));
  }

  private async isThere({ id }: UploadRecord): Promise<boolean> {
    const upload = this.servers.areShared ? await findUpload(this.dataSource, id) : undefined;
    return upload !== undefined && upload.fileId !== null;
  }
}
