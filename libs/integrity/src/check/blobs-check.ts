import { unclaimedKeys } from '@app/files';
import { AllDrivers, type Drivers } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';

/** From the bytes to the records: whatever lies in the storage belongs to a file, an upload or a removal. */
@Injectable()
export class BlobsCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly drivers: AllDrivers,
  ) {}

  async *findings(tally: CheckTally): AsyncGenerator<Finding> {
    for (const drivers of this.drivers.all) yield* this.within(drivers, tally);
  }

  private async *within(drivers: Drivers, tally: CheckTally): AsyncGenerator<Finding> {
    const { id: storageId } = drivers.storage;
    for await (const batch of drivers.inventory.entries()) {
      const keys = batch.filter(({ isBlob }) => isBlob).map(({ key }) => key);
      tally.blobs += keys.length;
      tally.onProgress('blobs', tally.blobs);
      for (const { key, isBlob } of batch) {
        if (!isBlob) yield { kind: 'entry-unknown', key, problem: 'no plain file with a name that a file can have' };
      }
      for (const key of await unclaimedKeys(this.dataSource, storageId, keys)) {
        const finding = await this.judge(drivers, key);
        if (finding) yield finding;
      }
    }
  }

  /**
   * Looks, asks, looks again: bytes get their key only after a record claims it, or while they are staged for it until the
   * record is there, and the last record of a key goes only after its bytes. So bytes that are the very same before and
   * after they were neither staged nor claimed are nobody's.
   */
  private async judge({ storage, inventory }: Drivers, key: string): Promise<Finding | undefined> {
    const before = await inventory.look(key);
    if (!before || (await inventory.isStaged(key))) return undefined;
    if ((await unclaimedKeys(this.dataSource, storage.id, [key])).length === 0) return undefined;
    const after = await inventory.look(key);
    if (after?.version !== before.version) return undefined;
    const where = { storageId: storage.id, key };
    return { kind: 'blob-unknown', ...where, problem: `${after.size} bytes that no record claims` };
  }
}
