import { hash } from 'node:crypto';

/** What the hash of a receipt covers, by the names and in the form in which a receipt is answered. */
export interface ReceiptContent {
  readonly accesses: number;
  readonly chain: string;
  /** RFC 3339, in UTC, with milliseconds. */
  readonly deletedAt: string;
  readonly downloadsEnded: number;
  readonly fileId: number;
  readonly previousHash: string | null;
  readonly sequence: number;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * The hash of a receipt: SHA-256, in hex, of the content as RFC 8785 writes it. For whole numbers below 2^53, null and
 * texts of plain ASCII that is what JSON.stringify makes of the names in alphabetical order; a package would do no more.
 */
export function hashOf(content: ReceiptContent): string {
  const { accesses, chain, deletedAt, downloadsEnded, fileId, previousHash, sequence, sha256, size } = content;
  const ordered = { accesses, chain, deletedAt, downloadsEnded, fileId, previousHash, sequence, sha256, size };
  return hash('sha256', JSON.stringify(ordered));
}

/** What the signature of a receipt covers: its hash, and by it all that came before, and when its bytes were gone. */
export function signedTextOf({ hash, bytesGoneAt }: { hash: string; bytesGoneAt: string | null }): string {
  return JSON.stringify({ bytesGoneAt, hash });
}

/** The end of an exported chain: what comes after it was not there at that time. */
export interface ChainHead {
  readonly chain: string | null;
  /** Of the last receipt. */
  readonly hash: string | null;
  readonly sequence: number;
  /** RFC 3339. */
  readonly time: string;
}

/** What the signature of a head covers. */
export function headTextOf({ chain, hash, sequence, time }: ChainHead): string {
  return JSON.stringify({ chain, hash, sequence, time });
}
