import { HeldKey, Usage } from '@app/accounts';
import { AppConfig, failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { type File, isEngineFault, type Unit, UnitOfWork } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ContentCache } from '../content/content-cache.js';
import { Downloads } from '../content/downloads.js';
import { DeleteRecords, type DeleteTerms } from './delete-records.js';
import type { Removal } from './removals.service.js';

/** What a delete is answered with. */
export const DELETED = { message: 'File deleted successfully' };

export interface DeleteOptions {
  /** Whether the downloads that are under way will be cut; by itself they run to their end. */
  readonly endDownloads?: boolean;
  /** `none` where the owner goes as well, and all receipts with him. */
  readonly receipts?: 'none';
  /** By which the request is known again, and its 200 with it. */
  readonly key?: HeldKey;
}

/** What became of each file, by its id: its removal, or why it was not deleted. */
export type DeleteOutcomes = ReadonlyMap<number, Removal | ContractError>;

/**
 * What a delete does in the database, all of it or nothing: the file's accesses go, then its record, a receipt proves it,
 * and a removal says that its bytes are still to go.
 */
@Injectable()
export class DeleteTransaction {
  private readonly records: DeleteRecords;
  /** Also on a full disk. */
  private readonly freeing: Pick<UnitOfWork, 'run'>;

  constructor(
    dataSource: DataSource,
    private readonly config: AppConfig,
    units: UnitOfWork,
    usage: Usage,
    private readonly downloads: Downloads,
    private readonly cache: ContentCache,
  ) {
    this.records = new DeleteRecords(dataSource, usage);
    this.freeing = { run: (work, committed) => units.free(work, committed) };
  }

  /**
   * Deletes the records of a file. From its COMMIT the file is gone for everybody; whoever asked carries out the removal,
   * and if nobody does, the server's worker.
   * @throws ContractError fileNotFound when somebody else was first; accessesNotDeleted, recordNotDeleted when nothing has
   * changed
   */
  async run(file: File, options: DeleteOptions = {}): Promise<Removal> {
    const removal = await this.record(file, options);
    this.cache.drop(file.id);
    return removal;
  }

  /**
   * Deletes the records of many files of one owner in one transaction, each as its single delete would be: one that cannot
   * be deleted stays, and the others go.
   * @param answerOf what the request is answered with, as far as the records go
   */
  async runMany(
    ownerId: number,
    files: readonly File[],
    options: DeleteOptions,
    answerOf: (outcomes: DeleteOutcomes) => object,
  ): Promise<DeleteOutcomes> {
    const deleted = await HeldKey.run(
      options.key,
      this.freeing,
      async (unit) => {
        const outcomes = await this.deleteMany(unit, ownerId, files, this.terms(options));
        failpoint('bulk-delete.recorded');
        return outcomes;
      },
      answerOf,
      async (unit, outcomes) => {
        const gone = [...outcomes].find(([, outcome]) => !(outcome instanceof ContractError));
        return !gone || isGone(unit, gone[0]);
      },
    );
    for (const { id } of files) this.cache.drop(id);
    return deleted;
  }

  private async record(file: File, options: DeleteOptions): Promise<Removal> {
    try {
      return await HeldKey.run(
        options.key,
        this.freeing,
        async (unit) => {
          const removal = await this.records.one(unit, file, this.terms(options));
          failpoint('delete.recorded');
          return removal;
        },
        () => DELETED,
        (unit) => isGone(unit, file.id),
      );
    } catch (error) {
      throw refusal(error);
    }
  }

  /** All at once; and where that fails, one by one, to find out which of them it was. */
  private async deleteMany(
    unit: Unit,
    ownerId: number,
    files: readonly File[],
    terms: DeleteTerms,
  ): Promise<DeleteOutcomes> {
    try {
      const removals = await unit.attempt(() => this.records.many(unit, ownerId, files, terms));
      return new Map(files.map(({ id }) => [id, removals.get(id) ?? new ContractError('fileNotFound')]));
    } catch (error) {
      if (isEngineFault(error)) throw error;
    }
    const outcomes = new Map<number, Removal | ContractError>();
    for (const file of files) {
      outcomes.set(file.id, await unit.attempt(() => this.records.one(unit, file, terms)).catch(asOutcome));
    }
    return outcomes;
  }

  private terms({ endDownloads, receipts }: DeleteOptions): DeleteTerms {
    const count = endDownloads ? (fileId: number) => this.downloads.count(fileId) : () => 0;
    return {
      downloadsEnded: this.config.receipts === 'on' && receipts !== 'none' ? count : undefined,
      now: Date.now(),
      isMoving: this.config.storageFormer !== undefined,
    };
  }
}

/** The contract's answer to what went wrong, but for faults of the engine, which are not the statement's. */
function refusal(error: unknown): unknown {
  if (error instanceof ContractError || isEngineFault(error)) return error;
  return new ContractError('recordNotDeleted', { cause: error });
}

function asOutcome(error: unknown): ContractError {
  const answer = refusal(error);
  if (answer instanceof ContractError) return answer;
  throw answer;
}

/** What became of the delete when the connection broke during COMMIT. */
async function isGone(unit: Unit, id: number): Promise<boolean> {
  return (await unit.rows(`SELECT id FROM files WHERE id = ?${unit.forUpdate}`, [id])).length === 0;
}
