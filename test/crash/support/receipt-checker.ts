import { createHash } from 'node:crypto';
import type { Moment } from './checker.js';
import type { Ledger } from './ledger.js';
import type { ReceiptRow, World } from './world.js';

/** What a receipt promises (I10): there is one for each delete and for nothing else, and it says no more than is true. */
export function receiptViolations(world: World, ledger: Ledger, moment: Moment): string[] {
  return [
    ...eachDeleteHasOne(world, ledger.proved()),
    ...theirFilesAreGone(world),
    ...theirBytesAreGone(world, moment),
    ...world.users.flatMap((user) => chainIsWhole(world, user)),
  ];
}

/** @param deleted ids of files that were there and are gone: also where nobody heard what became of the delete */
function eachDeleteHasOne({ receipts }: World, deleted: number[]): string[] {
  const proved = new Set(receipts.map(({ fileId }) => fileId));
  return deleted.filter((id) => !proved.has(id)).map((id) => `I10 the delete of file ${id} has no receipt`);
}

function theirFilesAreGone({ files, receipts }: World): string[] {
  const there = new Set(files.map(({ id }) => id));
  return receipts
    .filter(({ fileId }) => there.has(fileId))
    .map(({ fileId }) => `I10 file ${fileId} has a receipt and lives`);
}

/** No two attempts to upload have the same bytes, so bytes tell whose they are. */
function theirBytesAreGone({ blobs, receipts, removals }: World, moment: Moment): string[] {
  const sums = new Set([...blobs.values()].map(({ sha256 }) => sha256));
  const waiting = new Set(removals.map(({ fileId }) => fileId));
  const early = receipts.filter(
    ({ bytesGoneAt, sha256, fileId }) => bytesGoneAt !== null && (sums.has(sha256) || waiting.has(fileId)),
  );
  const unsaid = receipts.filter(
    ({ bytesGoneAt, fileId }) => bytesGoneAt === null && (moment === 'rest' || !waiting.has(fileId)),
  );
  return [
    ...early.map(({ fileId }) => `I10 the receipt of file ${fileId} says that its bytes are gone, and they are not`),
    ...unsaid.map(({ fileId }) => `I10 the receipt of file ${fileId} will never say when its bytes were gone`),
  ];
}

function chainIsWhole(
  { receipts }: World,
  { id, username, receiptSequence, receiptHash }: World['users'][0],
): string[] {
  const own = receipts.filter(({ ownerId }) => ownerId === id);
  const broken = own.filter(
    (receipt, at) =>
      receipt.sequence !== at + 1 ||
      receipt.previousHash !== (own[at - 1]?.hash ?? null) ||
      receipt.chain !== own[0]!.chain ||
      receipt.hash !== hashOf(receipt),
  );
  const last = own.at(-1);
  const ends = receiptSequence === (last?.sequence ?? 0) && receiptHash === (last?.hash ?? null);
  return [
    ...broken.map(({ sequence }) => `I10 the receipts of ${username} are broken at ${sequence}`),
    ...(ends ? [] : [`I10 the receipts of ${username} do not end at ${receiptSequence}`]),
  ];
}

/** RFC 8785, written anew. */
function hashOf({ ownerId: _owner, bytesGoneAt: _gone, hash: _hash, ...row }: ReceiptRow): string {
  const content: Record<string, unknown> = { ...row, deletedAt: new Date(row.deletedAt).toISOString() };
  const pairs = Object.keys(content)
    .toSorted()
    .map((name) => `"${name}":${JSON.stringify(content[name])}`);
  return createHash('sha256')
    .update(`{${pairs.join(',')}}`)
    .digest('hex');
}
