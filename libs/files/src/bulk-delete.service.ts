import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import type { User } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BulkDeleteBody, type DeleteResult } from './dto/bulk-delete.dto.js';
import { Downloads } from './content/downloads.js';
import { type DeleteOptions, type DeleteOutcomes, DeleteTransaction } from './removals/delete-transaction.js';
import { type Removal, RemovalsService } from './removals/removals.service.js';
import { findLiveFiles } from './file-rows.js';

/** So many files go without a question, whatever part they are of all. */
const FREE = 20;

/** Deletes many files at once, each as its single delete would be. */
@Injectable()
export class BulkDeleteService {
  private readonly logger = new Logger(BulkDeleteService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly transaction: DeleteTransaction,
    private readonly removals: RemovalsService,
    private readonly downloads: Downloads,
  ) {}

  /**
   * @param confirmed how many files are to go, as far as the owner knows
   * @throws ContractError confirmationRequired, with the number, where more than half of the owner's files, and more than a
   * few, would go and he has not said so; nothing is deleted then
   */
  async remove(
    ownerId: number,
    ids: readonly number[],
    confirmed: number | undefined,
    options: DeleteOptions,
  ): Promise<BulkDeleteBody> {
    const files = await findLiveFiles(this.dataSource, [...new Set(ids)]);
    const own = files.filter((file) => file.ownerId === ownerId);
    await this.requireConfirmation(ownerId, own.length, confirmed);
    const foreign = new Set(files.filter((file) => file.ownerId !== ownerId).map(({ id }) => id));
    const resultsIn = (outcomes: DeleteOutcomes) => resultsOf(ids, outcomes, foreign);
    const outcomes = await this.transaction.runMany(ownerId, own, options, (all) => BulkDeleteBody.of(resultsIn(all)));
    failpoint('bulk-delete.committed');
    return BulkDeleteBody.of(await this.carryOut(ownerId, resultsIn(outcomes), outcomes, options));
  }

  private async requireConfirmation(ownerId: number, count: number, confirmed: number | undefined): Promise<void> {
    if (count <= FREE || count === confirmed) return;
    const sql = 'SELECT usedFiles FROM users WHERE id = ?';
    const [user] = await this.dataSource.query<Pick<User, 'usedFiles'>[]>(sql, [ownerId]);
    if (user && count * 2 > user.usedFiles) throw new ContractError('confirmationRequired', { fields: { count } });
  }

  /** The bytes, of all of them at once. */
  private async carryOut(
    ownerId: number,
    results: readonly DeleteResult[],
    outcomes: DeleteOutcomes,
    { endDownloads }: DeleteOptions,
  ): Promise<DeleteResult[]> {
    return Promise.all(
      results.map(async (result) => {
        if (result.error) return result;
        this.logger.log({ event: 'file-deleted', fileId: result.id, userId: ownerId });
        if (endDownloads) this.downloads.end(result.id);
        return this.removeBytes(result.id, outcomes.get(result.id) as Removal);
      }),
    );
  }

  private async removeBytes(id: number, removal: Removal): Promise<DeleteResult> {
    try {
      await this.removals.removeBytes(removal);
      return { id };
    } catch (cause) {
      return { id, error: new ContractError('bytesNotDeleted', { cause }) };
    }
  }
}

/** An id that is given twice is there once: the second time it is gone, as in a second request. */
function resultsOf(ids: readonly number[], outcomes: DeleteOutcomes, foreign: ReadonlySet<number>): DeleteResult[] {
  const seen = new Set<number>();
  return ids.map((id) => {
    if (foreign.has(id)) return { id, error: new ContractError('mayNotDeleteFile') };
    const outcome = seen.has(id) ? undefined : outcomes.get(id);
    seen.add(id);
    if (!outcome) return { id, error: new ContractError('fileNotFound') };
    return outcome instanceof ContractError ? { id, error: outcome } : { id };
  });
}
