// What a delete does in the database, in order, for the floors on either engine: each statement, and what it is given.
import { importBuilt } from '../support/built.mjs';

const { headOf, linkReceipt } = await importBuilt('libs/files/src/receipts/receipt-chain.js');

const RECEIPT = [
  ...['fileId', 'ownerId', 'sequence', 'chain', 'size', 'sha256'],
  ...['accesses', 'downloadsEnded', 'deletedAt', 'bytesGoneAt', 'previousHash', 'hash'],
];

export const STATEMENTS = {
  /** The file, and where its owner's chain of receipts stands. */
  find: `
    SELECT files.*, receiptChain, receiptSequence, receiptHash FROM users JOIN files ON files.ownerId = users.id
    WHERE files.id = ? AND files.state = 'live'`,
  removeAccesses: 'DELETE FROM accesses WHERE fileId = ?',
  removeFile: "DELETE FROM files WHERE id = ? AND ownerId = ? AND state = 'live'",
  release: `
    UPDATE users SET usedFiles = usedFiles - 1, usedBytes = usedBytes - ?,
      receiptChain = ?, receiptSequence = ?, receiptHash = ? WHERE id = ?`,
  discount: `
    UPDATE fileTypes SET files = files - 1, bytes = bytes - ? WHERE ownerId = ? AND extension = ? AND files > 1`,
  lastOfType: 'DELETE FROM fileTypes WHERE ownerId = ? AND extension = ?',
  insertReceipt: `INSERT INTO receipts (${RECEIPT.join(', ')}) VALUES (${RECEIPT.map(() => '?').join(', ')})`,
  insertRemoval: `
    INSERT INTO blobRemovals (ownerId, fileId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt)
    VALUES (?, ?, ?, ?, ?, 0, ?, NULL, ?)`,
};

/** What the later statements are given. @param found a row of `find` @param {number} accesses how many went with it */
export function valuesOf(found, accesses) {
  const { id, ownerId, size, extension, nameKey, storageId, storageKey } = found;
  const now = Date.now();
  const receipt = linkReceipt(found, { file: found, accesses, downloadsEnded: 0, deletedAt: now });
  const { receiptChain, receiptSequence, receiptHash } = headOf(receipt);
  return {
    release: [size, receiptChain, receiptSequence, receiptHash, ownerId],
    discount: [size, ownerId, extension],
    lastOfType: [ownerId, extension],
    receipt: RECEIPT.map((column) => receipt[column]),
    removal: [ownerId, id, nameKey, storageId, storageKey, now + 1000, now],
  };
}
