import PQueue from 'p-queue';

/** How many uploads may be under way at once; the others wait, in the order of asking. One owner gets half at most. */
export class UploadTurns {
  private readonly all: PQueue;
  private readonly share: number;
  private readonly byOwner = new Map<number, PQueue>();

  constructor(concurrency: number) {
    this.all = new PQueue({ concurrency });
    this.share = Math.ceil(concurrency / 2);
  }

  async take<Result>(ownerId: number, work: () => Promise<Result>): Promise<Result> {
    const own = this.byOwner.get(ownerId) ?? new PQueue({ concurrency: this.share });
    this.byOwner.set(ownerId, own);
    try {
      return await own.add(() => this.all.add(work));
    } finally {
      if (own.size === 0 && own.pending === 0) this.byOwner.delete(ownerId);
    }
  }

  /** Resolves when nothing is under way and nobody waits. */
  async idle(): Promise<void> {
    while (this.byOwner.size > 0) await Promise.all([...this.byOwner.values()].map((queue) => queue.onIdle()));
  }
}
