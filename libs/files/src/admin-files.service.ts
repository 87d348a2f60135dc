import { ContractError } from '@app/contract';
import { BlobRemoval, File } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { DeleteTransaction } from './removals/delete-transaction.js';

const PAGE = 500;

/** What admins do with files, beside the server: the records; the bytes are the server's to remove. */
@Injectable()
export class AdminFilesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transaction: DeleteTransaction,
  ) {}

  /** All files of a user, the oldest first, read page by page. */
  async *list(ownerId: number): AsyncGenerator<File> {
    for (let after = 0; ;) {
      const page = await this.dataSource.manager.find(File, {
        where: { ownerId, state: 'live', id: MoreThan(after) },
        order: { id: 'ASC' },
        take: PAGE,
      });
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)!.id;
    }
  }

  /** Deleted files whose bytes are still there, in the order of their deletion. */
  async *removals(): AsyncGenerator<BlobRemoval> {
    for (let after = 0; ;) {
      const where = { id: MoreThan(after) };
      const page = await this.dataSource.manager.find(BlobRemoval, { where, order: { id: 'ASC' }, take: PAGE });
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)!.id;
    }
  }

  /**
   * Deletes a file, irreversibly; its bytes follow within seconds, or with the next start of the server.
   * @returns what was deleted
   * @throws ContractError fileNotFound, accessesNotDeleted, recordNotDeleted
   */
  async remove(id: number): Promise<File> {
    const file = await this.dataSource.manager.findOneBy(File, { id, state: 'live' });
    if (!file) throw new ContractError('fileNotFound');
    await this.transaction.run(file);
    return file;
  }
}
