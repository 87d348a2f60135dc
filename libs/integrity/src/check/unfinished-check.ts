import type { FileState, Upload } from '@app/database';
import { AllDrivers } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';

const PAGE = 500;

type Row = Pick<Upload, 'id' | 'ownerId' | 'fileId' | 'length' | 'received' | 'reserved'> & {
  readonly state: FileState | null;
  readonly storageId: string | null;
};

const UPLOADS = `
  SELECT u.id, u.ownerId, u.fileId, u.length, u.received, u.reserved, f.state, f.storageId
  FROM uploads u LEFT JOIN files f ON f.id = u.fileId`;

/** Uploads that outlive their requests: what was told of them is there, and what is held for them is theirs. */
@Injectable()
export class UnfinishedCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly drivers: AllDrivers,
  ) {}

  async *findings(tally: CheckTally): AsyncGenerator<Finding> {
    for (let page = await this.page(''); page.length > 0; page = await this.page(page.at(-1)!.id)) {
      for (const row of page) {
        if (row.reserved !== null) tally.uploadsUnfinished += 1;
        const finding = (await this.judge(row)) && (await this.judgeAgain(row));
        if (finding) yield finding;
      }
    }
  }

  /** What was so at the first look may have been an upload that went on: only what is so again is damage. */
  private async judgeAgain({ id }: Row): Promise<Finding | undefined> {
    const [row] = await this.dataSource.query<Row[]>(`${UPLOADS} WHERE u.id = ?`, [id]);
    return row && this.judge(row);
  }

  private async judge(row: Row): Promise<Finding | undefined> {
    const { id: uploadId, ownerId, fileId, length, received, reserved, state } = row;
    const where = { uploadId, ownerId, ...(fileId === null ? {} : { fileId }) };
    if (reserved !== (state === 'pending' ? length : null)) {
      return { kind: 'reservation-wrong', ...where, problem: `${reserved ?? 'no'} bytes are held for it` };
    }
    const inventory = this.drivers.of(row.storageId ?? '')?.inventory;
    if (state !== 'pending' || received === 0 || !inventory) return undefined;
    const look = await inventory.lookAtUpload(String(fileId));
    if (look && look.size >= received) return undefined;
    return { kind: 'upload-lost', ...where, problem: `${look?.size ?? 'no'} bytes, ${received} bytes were told of` };
  }

  private page(after: string): Promise<Row[]> {
    return this.dataSource.query(`${UPLOADS} WHERE u.id > ? ORDER BY u.id LIMIT ${PAGE}`, [after]);
  }
}
