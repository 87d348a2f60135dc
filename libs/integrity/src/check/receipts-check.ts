import { ReceiptKey, type User } from '@app/database';
import { flawOf, type NewReceipt, thumbprintOf } from '@app/files';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';

const PAGE = 500;

type Owner = Pick<User, 'id' | 'username' | 'receiptSequence' | 'receiptHash'>;

interface ReceiptRow {
  readonly id: number;
  readonly ownerId: number;
  readonly bytesGoneAt: number | null;
}

interface RemovalRow {
  readonly id: number;
  readonly ownerId: number;
  readonly fileId: number;
  readonly storageKey: string;
}

const OWNERS = `SELECT id, username, receiptSequence, receiptHash FROM users WHERE id > ? ORDER BY id LIMIT ${PAGE}`;
const RECEIPTS = `SELECT * FROM receipts WHERE ownerId = ? AND sequence > ? ORDER BY sequence LIMIT ${PAGE}`;

/** Each of them is judged by one statement, which sees one moment. */
const OF_LIVE_FILES = `
  SELECT r.fileId AS id, r.ownerId, r.bytesGoneAt FROM receipts r JOIN files f ON f.id = r.fileId WHERE r.fileId > ? ORDER BY r.fileId LIMIT ${PAGE}`;
const OUT_OF_STEP = `
  SELECT r.fileId AS id, r.ownerId, r.bytesGoneAt FROM receipts r LEFT JOIN blobRemovals b ON b.fileId = r.fileId
  WHERE (r.bytesGoneAt IS NULL) <> (b.id IS NOT NULL) AND r.fileId > ? ORDER BY r.fileId LIMIT ${PAGE}`;
const WITHOUT_RECEIPT = `
  SELECT b.id, b.ownerId, b.fileId, b.storageKey FROM blobRemovals b LEFT JOIN receipts r ON r.fileId = b.fileId
  WHERE b.fileId IS NOT NULL AND r.fileId IS NULL AND b.id > ?
    AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = b.fileId AND f.state = 'live') ORDER BY b.id LIMIT ${PAGE}`;

/**
 * The receipts: each owner's chain in itself, and against what is there. Deletes made with RECEIPTS=off, and those of an
 * account that is being removed, have none, and nothing says that they should.
 */
@Injectable()
export class ReceiptsCheck {
  constructor(private readonly dataSource: DataSource) {}

  async *findings(tally: CheckTally): AsyncGenerator<Finding> {
    yield* this.keys();
    for await (const owner of this.rows<Owner>(OWNERS)) yield* this.chain(owner, tally);
    yield* this.untrue();
    yield* this.missing();
  }

  private async *untrue(): AsyncGenerator<Finding> {
    const kind = 'receipt-false';
    for await (const { id: fileId, ownerId } of this.rows<ReceiptRow>(OF_LIVE_FILES)) {
      yield { kind, fileId, ownerId, problem: 'it says that the file was deleted, and the file is there' };
    }
    for await (const { id: fileId, ownerId, bytesGoneAt } of this.rows<ReceiptRow>(OUT_OF_STEP)) {
      const problem =
        bytesGoneAt === null ? 'the bytes wait, and no removal does' : 'the bytes are gone, and their removal waits';
      yield { kind, fileId, ownerId, problem: `it says that ${problem}` };
    }
  }

  private async *missing(): AsyncGenerator<Finding> {
    for await (const { id, ownerId, fileId, storageKey: key } of this.rows<RemovalRow>(WITHOUT_RECEIPT)) {
      const problem = 'its removal waits, its receipt is not there';
      yield { kind: 'receipt-missing', removalId: id, ownerId, fileId, key, problem };
    }
  }

  private async *keys(): AsyncGenerator<Finding> {
    for (const { keyId, publicKey } of await this.dataSource.manager.find(ReceiptKey)) {
      if (thumbprintOf(publicKey) !== keyId) yield { kind: 'receipt-key', problem: `${keyId} is another key` };
    }
  }

  /** Up to where the owner's account says that it goes: what is deleted meanwhile comes behind. */
  private async *chain(owner: Owner, tally: CheckTally): AsyncGenerator<Finding> {
    const where = { kind: 'receipt-broken', ownerId: owner.id, username: owner.username } as const;
    let before: NewReceipt | undefined;
    for await (const receipt of this.receiptsOf(owner)) {
      tally.receipts += 1;
      tally.onProgress('receipts', tally.receipts);
      const flaw = flawOf(receipt, before);
      if (flaw) yield { ...where, fileId: receipt.fileId, problem: `receipt ${receipt.sequence}: ${flaw}` };
      before = receipt;
    }
    const ends = (before?.sequence ?? 0) === owner.receiptSequence && (before?.hash ?? null) === owner.receiptHash;
    if (ends || !(await this.isThere(owner))) return;
    yield {
      ...where,
      problem: `its last receipt is ${before?.sequence ?? 0}, and not ${owner.receiptSequence} as it was made`,
    };
  }

  private async *receiptsOf({ id, receiptSequence }: Owner): AsyncGenerator<NewReceipt> {
    for (let after = 0; ;) {
      const page = await this.dataSource.query<NewReceipt[]>(RECEIPTS, [id, after]);
      const own = page.filter(({ sequence }) => sequence <= receiptSequence);
      yield* own;
      if (own.length < PAGE) return;
      after = own.at(-1)!.sequence;
    }
  }

  /** An account that is removed takes its receipts along. */
  private async isThere({ id }: Owner): Promise<boolean> {
    return (await this.dataSource.query<unknown[]>('SELECT 1 FROM users WHERE id = ?', [id])).length > 0;
  }

  private async *rows<Row extends { id: number }>(sql: string): AsyncGenerator<Row> {
    for (let after = 0; ;) {
      const page = await this.dataSource.query<Row[]>(sql, [after]);
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1)!.id;
    }
  }
}
