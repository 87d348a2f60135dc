import { ContractError } from '@app/contract';
import { Receipt } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type ListReceiptsQuery, type PublicKeysBody, ReceiptDto, type ReceiptPageBody } from '../dto/receipt.dto.js';
import { ReceiptSigner } from './receipt-signer.js';

const DEFAULT_LIMIT = 50;
const CURSOR = /^[1-9]\d{0,9}$/;

/** What owners get to see of the receipts of their deletes. */
@Injectable()
export class ReceiptsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly signer: ReceiptSigner,
  ) {}

  /** The newest first. @throws ContractError invalidCursor */
  async page(ownerId: number, { limit = String(DEFAULT_LIMIT), cursor }: ListReceiptsQuery): Promise<ReceiptPageBody> {
    const count = Number(limit);
    const rows = await this.dataSource.query<Receipt[]>(
      'SELECT * FROM receipts WHERE ownerId = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
      [ownerId, cursor === undefined ? Number.MAX_SAFE_INTEGER : decode(cursor), count + 1],
    );
    const last = rows.length > count ? rows[count - 1] : undefined;
    return {
      receipts: rows.slice(0, count).map((row) => this.signed(row)),
      nextCursor: last ? encode(last.sequence) : null,
    };
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

function encode(sequence: number): string {
  return Buffer.from(String(sequence)).toString('base64url');
}

function decode(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!CURSOR.test(text)) throw new ContractError('invalidCursor');
  return Number(text);
}
