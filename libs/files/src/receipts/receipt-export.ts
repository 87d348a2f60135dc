import { Receipt, type User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ReceiptDto } from '../dto/receipt.dto.js';
import type { ChainHead } from './receipt-hash.js';
import { type Signed, ReceiptSigner } from './receipt-signer.js';

const PAGE = 500;

/** The receipts of an owner, the oldest first; then the head, after which there was none; then the keys that check them. */
export type ReceiptExportPart =
  | { readonly receipt: ReceiptDto }
  | { readonly head: ChainHead & Signed }
  | { readonly keys: Awaited<ReturnType<ReceiptSigner['publicKeys']>> };

/** Takes the receipts of an owner out of the drive, for somebody who wants to check them elsewhere. */
@Injectable()
export class ReceiptExport {
  constructor(
    private readonly dataSource: DataSource,
    private readonly signer: ReceiptSigner,
  ) {}

  async *of({ id, receiptSequence }: Pick<User, 'id' | 'receiptSequence'>): AsyncGenerator<ReceiptExportPart> {
    await this.signer.open();
    let last: Receipt | undefined;
    for (let after = 0; after < receiptSequence; after = last!.sequence) {
      const page = await this.page(id, after, receiptSequence);
      if (page.length === 0) break;
      for (const row of page) yield { receipt: ReceiptDto.of(row, (receipt) => this.signer.signReceipt(receipt)) };
      last = page.at(-1);
    }
    const { chain = null, hash = null, sequence = 0 } = last ?? {};
    const head = { chain, hash, sequence, time: new Date().toISOString() };
    yield { head: { ...head, ...this.signer.signHead(head) } };
    yield { keys: await this.signer.publicKeys() };
  }

  /** Up to the end that the export began with: what is deleted meanwhile is not in it. */
  private page(ownerId: number, after: number, last: number): Promise<Receipt[]> {
    return this.dataSource.query(
      `SELECT * FROM receipts WHERE ownerId = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ${PAGE}`,
      [ownerId, after, last],
    );
  }
}
