import { Usage } from '@app/accounts';
import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { compileCascade, File, isEngineFault, type RemovalStep, type Unit, UnitOfWork } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { foldName, nameKey } from '../file-name.js';
import { insertRemoval } from '../file-rows.js';
import type { Removal } from './removals.service.js';

/** Milliseconds for which the worker leaves a removal to the request that made it. */
const HEAD_START_MS = 1_000;

/**
 * What a delete does in the database, all of it or nothing: the file's accesses go, then its record, and a removal says
 * that its bytes are still to go. Locks are taken in the order of the whole drive: users, files, accesses, removals.
 */
@Injectable()
export class DeleteTransaction {
  private readonly cascade: readonly RemovalStep[];

  constructor(
    dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly usage: Usage,
  ) {
    this.cascade = compileCascade(dataSource, File);
  }

  /**
   * Deletes the records of a file. From its COMMIT the file is gone for everybody; whoever asked carries out the removal,
   * and if nobody does, the server's worker.
   * @throws ContractError fileNotFound when somebody else was first; accessesNotDeleted, recordNotDeleted when nothing has
   * changed
   */
  async run(file: File): Promise<Removal> {
    try {
      return await this.units.run(
        (unit) => this.deleteWithin(unit, file),
        (unit) => isGone(unit, file),
      );
    } catch (error) {
      if (error instanceof ContractError || isEngineFault(error)) throw error;
      throw new ContractError('recordNotDeleted', { cause: error });
    }
  }

  private async deleteWithin(unit: Unit, file: File): Promise<Removal> {
    // First, since it locks the owner's record too.
    await this.usage.release(unit, file.ownerId, file.size);
    await lockFile(unit, file);
    await this.deleteAccesses(unit, file.id);
    await deleteFile(unit, file);
    const removal = await queueRemoval(unit, file);
    failpoint('delete.recorded');
    return removal;
  }

  private async deleteAccesses(unit: Unit, fileId: number): Promise<void> {
    try {
      for (const { sql } of this.cascade) await unit.change(sql, [fileId]);
    } catch (error) {
      throw isEngineFault(error) ? error : new ContractError('accessesNotDeleted', { cause: error });
    }
  }
}

async function lockFile(unit: Unit, { id, ownerId }: File): Promise<void> {
  const live = await unit.rows(
    `SELECT id FROM files WHERE id = ? AND ownerId = ? AND state = 'live'${unit.forUpdate}`,
    [id, ownerId],
  );
  if (live.length !== 1) throw new ContractError('fileNotFound');
}

async function deleteFile(unit: Unit, { id, ownerId }: File): Promise<void> {
  const deleted = await unit.change("DELETE FROM files WHERE id = ? AND ownerId = ? AND state = 'live'", [id, ownerId]);
  if (deleted !== 1) throw new ContractError('recordNotDeleted');
}

async function queueRemoval(unit: Unit, { ownerId, name, storageId, storageKey }: File): Promise<Removal> {
  const now = Date.now();
  const id = await insertRemoval(unit, {
    ...{ ownerId, fileId: null, storageId, storageKey },
    // Anew, and not the file's own, which may be by an older rule: whoever uploads a file of this name looks for this one.
    nameKey: nameKey(foldName(name)),
    attempts: 0,
    nextAttemptAt: now + HEAD_START_MS,
    lastError: null,
    createdAt: now,
  });
  return { id, storageId, storageKey };
}

/** What became of the delete when the connection broke during COMMIT. */
async function isGone(unit: Unit, { id }: File): Promise<boolean> {
  return (await unit.rows(`SELECT id FROM files WHERE id = ?${unit.forUpdate}`, [id])).length === 0;
}
