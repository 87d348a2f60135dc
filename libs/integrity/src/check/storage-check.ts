import { findDamage } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BlobsCheck } from './blobs-check.js';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';
import { LedgerCheck } from './ledger-check.js';
import { NamesCheck } from './names-check.js';
import { ReceiptsCheck } from './receipts-check.js';
import { RecordsCheck } from './records-check.js';
import { UnfinishedCheck } from './unfinished-check.js';
import { UploadsCheck } from './uploads-check.js';

export interface CheckOptions {
  /** Also reads all bytes and compares their hashes. */
  readonly deep?: boolean;
}

/**
 * Proves that records and bytes agree, in both directions, while the drive is in use: what is in flight is no finding,
 * and what is found was so at two looks with a question to the database in between (docs/ARCHITECTURE.md).
 * Reads only, and its memory does not grow with the drive.
 */
@Injectable()
export class StorageCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly records: RecordsCheck,
    private readonly blobs: BlobsCheck,
    private readonly uploads: UploadsCheck,
    private readonly unfinished: UnfinishedCheck,
    private readonly ledger: LedgerCheck,
    private readonly names: NamesCheck,
    private readonly receipts: ReceiptsCheck,
  ) {}

  /** @param tally is counted up as the check goes on; complete at the end */
  async *findings({ deep = false }: CheckOptions, tally: CheckTally): AsyncGenerator<Finding> {
    for await (const finding of this.all(deep, tally)) {
      tally.findings += 1;
      yield finding;
    }
  }

  /** Where the database itself is damaged nothing that it says is worth a comparison, let alone a repair. */
  private async *all(deep: boolean, tally: CheckTally): AsyncGenerator<Finding> {
    const damage = await findDamage(this.dataSource);
    for (const problem of damage) yield { kind: 'database-damaged', problem };
    if (damage.length > 0) return;
    yield* this.records.findings(deep, tally);
    yield* this.blobs.findings(tally);
    yield* this.uploads.findings();
    yield* this.unfinished.findings(tally);
    yield* this.ledger.findings(tally);
    yield* this.names.findings();
    yield* this.receipts.findings(tally);
  }
}
