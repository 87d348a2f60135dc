import { ContractError } from '@app/contract';
import { Receipt } from '@app/database';
import { limitOf, pageOf, type PageQuery, readCursor } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type PublicKeysBody, ReceiptDto, type ReceiptPageBody } from '../dto/receipt.dto.js';
import { ReceiptSigner } from './receipt-signer.js';

/** What owners get to see of the receipts of their deletes. */
@Injectable()
export class ReceiptsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly signer: ReceiptSigner,
  ) {}

  /** The newest first. @throws ContractError invalidCursor */
  async page(ownerId: number, query: PageQuery): Promise<ReceiptPageBody> {
    const count = limitOf(query);
    const rows = await this.dataSource.query<Receipt[]>(
      'SELECT * FROM receipts WHERE ownerId = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
      [ownerId, query.cursor === undefined ? Number.MAX_SAFE_INTEGER : sequenceOf(query.cursor), count + 1],
    );
    const { items, nextCursor } = pageOf(rows, count, ({ sequence }) => [sequence]);
    return { receipts: items.map((row) => this.signed(row)), nextCursor };
  }

  /** @throws ContractError receiptNotFound, also for another's: who deleted what is nobody else's business */
  async get(ownerId: number, fileId: number): Promise<ReceiptDto> {
    const sql = 'SELECT * FROM receipts WHERE fileId = ? AND ownerId = ?';
    const [row] = await this.dataSource.query<Receipt[]>(sql, [fileId, ownerId]);
    if (!row) throw new ContractError('receiptNotFound');
    return this.signed(row);
  }

  async keys(): Promise<PublicKeysBody> {
    return { keys: await this.signer.publicKeys() };
  }

  private signed(row: Receipt): ReceiptDto {
    return ReceiptDto.of(row, (receipt) => this.signer.signReceipt(receipt));
  }
}

/** Behind which receipt a page begins. */
function sequenceOf(cursor: string): number {
  const [sequence] = readCursor(cursor);
  if (!Number.isSafeInteger(sequence)) throw new ContractError('invalidCursor');
  return sequence as number;
}
