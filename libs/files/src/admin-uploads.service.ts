import { ContractError } from '@app/contract';
import { type Upload, UnitOfWork, type User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { markDue } from './uploads/upload-rows.js';

const PAGE = 500;

/** An unfinished upload, and whose it is. */
export type UnfinishedUpload = Pick<Upload, 'id' | 'length' | 'received' | 'expiresAt'> &
  Pick<User, 'username'> & { readonly name: string; readonly fileId: number };

/** What admins do with unfinished uploads, beside the server: the records; what they left is the server's to remove. */
@Injectable()
export class AdminUploadsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /** Everybody's unfinished uploads, the oldest first, read page by page. */
  async *list(): AsyncGenerator<UnfinishedUpload> {
    for (let after = 0; ;) {
      const page = await this.dataSource.query<UnfinishedUpload[]>(
        `SELECT u.id, u.length, u.received, u.expiresAt, u.fileId, f.name, o.username
         FROM uploads u JOIN files f ON f.id = u.fileId JOIN users o ON o.id = u.ownerId
         WHERE u.reserved IS NOT NULL AND u.fileId > ? ORDER BY u.fileId LIMIT ${PAGE}`,
        [after],
      );
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)!.fileId;
    }
  }

  /**
   * Ends an upload: from now on nobody goes on with it, and the server removes what it left within seconds, or when it
   * starts.
   * @throws ContractError uploadNotFound
   */
  async end(id: string): Promise<void> {
    const ended = await this.units.run((unit) => markDue(unit, id));
    if (!ended) throw new ContractError('uploadNotFound');
  }
}
