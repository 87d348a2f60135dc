import { randomBytes } from 'node:crypto';
import type { ReceiptHead } from '@app/accounts';
import type { File, Receipt } from '@app/database';
import { hashOf } from './receipt-hash.js';

/** Bytes of the name of a chain. */
const CHAIN_BYTES = 16;

/** What a delete has taken. */
export interface Deleted {
  readonly file: Pick<File, 'id' | 'ownerId' | 'size' | 'sha256'>;
  readonly accesses: number;
  readonly downloadsEnded: number;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
}

export type NewReceipt = Omit<Receipt, 'owner'>;

/** The receipt of a delete, linked to the one before it. */
export function linkReceipt(head: ReceiptHead, deleted: Deleted): NewReceipt {
  const { id: fileId, ownerId, size, sha256 } = deleted.file;
  const { accesses, downloadsEnded, deletedAt } = deleted;
  const chain = head.receiptChain ?? randomBytes(CHAIN_BYTES).toString('hex');
  const sequence = head.receiptSequence + 1;
  const previousHash = head.receiptHash;
  const content = { fileId, sequence, chain, size, sha256, accesses, downloadsEnded, previousHash };
  const hash = hashOf({ ...content, deletedAt: new Date(deletedAt).toISOString() });
  return { ...content, ownerId, deletedAt, bytesGoneAt: null, hash };
}

/** Where the chain stands with this receipt. */
export function headOf({ chain, sequence, hash }: NewReceipt): ReceiptHead {
  return { receiptChain: chain, receiptSequence: sequence, receiptHash: hash };
}

/**
 * What is wrong with a receipt as a link of its owner's chain, if anything is. A new chain may begin anywhere, after a
 * restore from a backup, but it names the last hash of the old one.
 * @param before the receipt with the number before, if there is one
 */
export function flawOf(receipt: NewReceipt, before: NewReceipt | undefined): string | undefined {
  const expected = (before?.sequence ?? 0) + 1;
  if (receipt.sequence !== expected) return `number ${expected} is missing`;
  if (receipt.previousHash !== (before?.hash ?? null)) return 'it does not follow the one before it';
  const hash = hashOf({ ...receipt, deletedAt: new Date(receipt.deletedAt).toISOString() });
  return hash === receipt.hash ? undefined : 'its content is not what its hash says';
}
