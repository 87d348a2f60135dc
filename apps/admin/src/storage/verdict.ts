import type { CheckTally } from '@app/integrity';

/** What a check has looked at, for programs. */
export function checked({ files, bytes, blobs, accesses, users, receipts, removalsWaiting, findings }: CheckTally) {
  return { files, bytes, blobs, accesses, users, receipts, removalsWaiting, findings };
}
