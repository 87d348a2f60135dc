import { unclaimedKeys } from '@app/files';
import { StorageInventory, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';

/** From the bytes to the records: whatever lies in the storage belongs to a file, an upload or a removal. */
@Injectable()
export class BlobsCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly inventory: StorageInventory,
  ) {}

  async *findings(tally: CheckTally): AsyncGenerator<Finding> {
    for await (const batch of this.inventory.entries()) {
      const keys = batch.filter(({ isBlob }) => isBlob).map(({ key }) => key);
      tally.blobs += keys.length;
      tally.onProgress('blobs', tally.blobs);
      for (const { key, isBlob } of batch) {
        if (!isBlob) yield { kind: 'entry-unknown', key, problem: 'no plain file with a name that a file can have' };
      }
      for (const key of await this.unclaimed(keys)) {
        const finding = await this.judge(key);
        if (finding) yield finding;
      }
    }
  }

  /**
   * Looks, asks, looks again: bytes get their key only after a record claims it, and the last record of a key goes only
   * after its bytes. So bytes that are the very same before and after nobody claimed them are nobody's.
   */
  private async judge(key: string): Promise<Finding | undefined> {
    const before = await this.inventory.look(key);
    if (!before || (await this.unclaimed([key])).length === 0) return undefined;
    const after = await this.inventory.look(key);
    if (after?.version !== before.version) return undefined;
    return { kind: 'blob-unknown', key, problem: `${after.size} bytes that no record claims` };
  }

  private unclaimed(keys: readonly string[]): Promise<string[]> {
    return unclaimedKeys(this.dataSource, this.storages.current.id, keys);
  }
}
