import type { CheckTally } from '@app/integrity';

/** What a check has looked at, for programs. */
export function checked(tally: CheckTally) {
  const { files, bytes, blobs, accesses, users, receipts, removalsWaiting, uploadsUnfinished, findings } = tally;
  return { files, bytes, blobs, accesses, users, receipts, removalsWaiting, uploadsUnfinished, findings };
}
