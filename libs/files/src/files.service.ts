import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { compileCascade, File, isEngineFault, type RemovalStep, type Unit, UnitOfWork } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FileStatsBody } from './dto/file-list.dto.js';
import { insertRemoval, readFile } from './file-rows.js';
import { type Removal, RemovalsService } from './removals/removals.service.js';

/** Milliseconds for which the worker leaves a removal to the request that made it. */
const HEAD_START_MS = 1_000;

/** The rules of a file's life after its upload. */
@Injectable()
export class FilesService {
  private readonly logger = new Logger(FilesService.name);
  private readonly cascade: readonly RemovalStep[];

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly removals: RemovalsService,
  ) {
    this.cascade = compileCascade(dataSource, File);
  }

  /**
   * Deletes a file, irreversibly: its accesses, then its record, then its bytes. The COMMIT between record and bytes is
   * the moment from which it is gone for everybody; a record of the removal, made in the same transaction, stays until
   * the bytes are gone too, whatever happens to the disk or to this process.
   * @throws ContractError fileNotFound when somebody else was first; accessesNotDeleted, recordNotDeleted when nothing
   * has changed; bytesNotDeleted when the file is gone and its bytes will follow
   */
  async remove(file: File): Promise<void> {
    const removal = await this.removeRecords(file);
    failpoint('delete.committed');
    this.logger.log({ event: 'file-deleted', fileId: file.id, userId: file.ownerId });
    try {
      await this.removals.removeBytes(removal);
    } catch (error) {
      throw new ContractError('bytesNotDeleted', { cause: error });
    }
  }

  /** Makes a file public or private: whether its public accesses open it. */
  async setPublic(file: File, isPublic: boolean): Promise<File> {
    return this.units.run(async (unit) => {
      const changed = await unit.change(
        "UPDATE files SET public = ?, updatedAt = ? WHERE id = ? AND ownerId = ? AND state = 'live'",
        [isPublic, Date.now(), file.id, file.ownerId],
      );
      if (changed !== 1) throw new ContractError('fileNotFound');
      return readFile(unit, file.id);
    });
  }

  /** Counts an owner's files and their bytes, by extension, the largest first. */
  async stats(ownerId: number): Promise<FileStatsBody> {
    const rows = await this.dataSource
      .createQueryBuilder(File, 'file')
      .select('file.extension', 'extension')
      .addSelect('COUNT(*)', 'count')
      .addSelect('SUM(file.size)', 'totalSize')
      .where("file.ownerId = :ownerId AND file.state = 'live'", { ownerId })
      .groupBy('file.extension')
      .orderBy('totalSize', 'DESC')
      .addOrderBy('file.extension', 'ASC')
      .getRawMany<{ extension: string; count: string | number; totalSize: string | number }>();
    const fileTypes = rows.map(({ extension, count, totalSize }) => ({
      extension: extension || 'no_extension',
      count: Number(count),
      totalSize: Number(totalSize),
    }));
    return {
      fileCount: fileTypes.reduce((sum, { count }) => sum + count, 0),
      totalStorage: fileTypes.reduce((sum, { totalSize }) => sum + totalSize, 0),
      fileTypes,
    };
  }

  /**
   * The first half of a delete, for programs beside the server, whose worker sees to the bytes. All or nothing.
   * The order of the locks is the same everywhere: users, files, accesses, removals.
   * @throws ContractError fileNotFound, accessesNotDeleted, recordNotDeleted
   */
  async removeRecords(file: File): Promise<Removal> {
    try {
      return await this.units.run(
        (unit) => this.removeWithin(unit, file),
        (unit) => isGone(unit, file),
      );
    } catch (error) {
      if (error instanceof ContractError || isEngineFault(error)) throw error;
      throw new ContractError('recordNotDeleted', { cause: error });
    }
  }

  private async removeWithin(unit: Unit, file: File): Promise<Removal> {
    await lessUsage(unit, file);
    await lockFile(unit, file);
    await this.removeAccesses(unit, file.id);
    await removeRecord(unit, file);
    const removal = await recordRemoval(unit, file);
    failpoint('delete.recorded');
    return removal;
  }

  private async removeAccesses(unit: Unit, fileId: number): Promise<void> {
    try {
      for (const { sql } of this.cascade) await unit.change(sql, [fileId]);
    } catch (error) {
      throw isEngineFault(error) ? error : new ContractError('accessesNotDeleted', { cause: error });
    }
  }
}

/** First, since it locks the owner's record too. */
async function lessUsage(unit: Unit, { size, ownerId }: File): Promise<void> {
  await unit.change('UPDATE users SET usedFiles = usedFiles - 1, usedBytes = usedBytes - ? WHERE id = ?', [
    size,
    ownerId,
  ]);
}

async function lockFile(unit: Unit, { id, ownerId }: File): Promise<void> {
  const live = await unit.rows(
    `SELECT id FROM files WHERE id = ? AND ownerId = ? AND state = 'live'${unit.forUpdate}`,
    [id, ownerId],
  );
  if (live.length !== 1) throw new ContractError('fileNotFound');
}

async function removeRecord(unit: Unit, { id, ownerId }: File): Promise<void> {
  const removed = await unit.change("DELETE FROM files WHERE id = ? AND ownerId = ? AND state = 'live'", [id, ownerId]);
  if (removed !== 1) throw new ContractError('recordNotDeleted');
}

/** What became of the delete when the connection broke during COMMIT. */
async function isGone(unit: Unit, { id }: File): Promise<boolean> {
  return (await unit.rows(`SELECT id FROM files WHERE id = ?${unit.forUpdate}`, [id])).length === 0;
}

async function recordRemoval(unit: Unit, file: File): Promise<Removal> {
  const { ownerId, nameKey, storageId, storageKey } = file;
  const now = Date.now();
  const id = await insertRemoval(unit, {
    ...{ ownerId, fileId: null, nameKey, storageId, storageKey },
    attempts: 0,
    nextAttemptAt: now + HEAD_START_MS,
    lastError: null,
    createdAt: now,
  });
  return { id, storageId, storageKey };
}
