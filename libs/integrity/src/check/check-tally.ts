/** What a check has looked at so far. */
export class CheckTally {
  files = 0;
  /** Of the live files. */
  bytes = 0;
  blobs = 0;
  accesses = 0;
  users = 0;
  receipts = 0;
  /** Removals that wait for their turn; nothing is wrong with them. */
  removalsWaiting = 0;
  /** Uploads that wait for their clients; nothing is wrong with them. */
  uploadsUnfinished = 0;
  findings = 0;

  /** @param onProgress called now and then, with what is being looked at */
  constructor(readonly onProgress: (step: string, done: number, total?: number) => void = () => undefined) {}
}
