import { HeldKey, Usage } from '@app/accounts';
import { File, isUniqueViolation, type Unit, UnitOfWork, type User } from '@app/database';
import { type BlobDigest, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isNameFree, type NewFile } from '../file-rows.js';
import { draftOf, insertDraft, isRecorded, NameHeldError, nameTaken } from './file-draft.js';

/** The records of files whose bytes are there already: none before, and live at once. */
@Injectable()
export class StagedRecords {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly usage: Usage,
    private readonly storages: Storages,
  ) {}

  /**
   * What the record of a file will be, where nobody has the name, and no bytes of a deleted file hold it.
   * @returns undefined where somebody may: only a claim tells
   */
  async draft(owner: Pick<User, 'id' | 'username'>, name: string): Promise<NewFile | undefined> {
    const draft = draftOf(this.storages.current, owner, name);
    return (await isNameFree(this.dataSource, draft)) ? draft : undefined;
  }

  /**
   * Makes a file of bytes that stand at their key, if the owner has room for it.
   * @param key of the request that the file completes
   * @throws ContractError nameTaken, fileLimitExceeded, storageLimitExceeded
   */
  async insert(draft: NewFile, digest: BlobDigest, key?: HeldKey): Promise<File> {
    try {
      return await HeldKey.run(
        key,
        this.units,
        (unit) => this.insertWithin(unit, draft, digest),
        ({ id }) => ({ fileId: id }),
        (unit, { id }) => isRecorded(unit, id, draft),
      );
    } catch (error) {
      const isTaken = error instanceof NameHeldError || isUniqueViolation(error);
      throw isTaken ? await nameTaken(this.dataSource, draft, error) : error;
    }
  }

  /**
   * Whether there is a file at the key after all: an error of `insert` does not always say so, since a COMMIT can succeed
   * without its answer. The lock waits for such a transaction to end.
   */
  async isLiveAt(storageId: string, storageKey: string): Promise<boolean> {
    return this.units.run(async (unit) => {
      const sql = `SELECT id FROM files WHERE storageId = ? AND storageKey = ? AND state = 'live'${unit.forUpdate}`;
      return (await unit.rows(sql, [storageId, storageKey])).length > 0;
    });
  }

  /** @returns nameTaken for who found bytes at the key that are of a file of that name; else the error that he met there */
  async explain(draft: NewFile, error: unknown): Promise<unknown> {
    return (await isNameFree(this.dataSource, draft)) ? error : nameTaken(this.dataSource, draft, error);
  }

  private async insertWithin(unit: Unit, draft: NewFile, digest: BlobDigest): Promise<File> {
    await this.usage.add(unit, draft.ownerId, { extension: draft.extension, size: digest.size }, false);
    const live = Object.assign(new File(), draft, digest, { state: 'live', updatedAt: Date.now() });
    live.id = await insertDraft(unit, live, this.storages.of(draft.storageId));
    return live;
  }
}
