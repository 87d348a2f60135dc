/**
 * One holder at a time for each name in an owner's folder, in the order of asking.
 * The path of a blob is used again when its name is, so whoever publishes or removes bytes there must be alone.
 */
export class KeyLocks {
  private readonly tails = new Map<string, Promise<unknown>>();

  async hold<Result>(ownerId: number, nameKey: string, work: () => Promise<Result>): Promise<Result> {
    const key = `${ownerId}/${nameKey}`;
    const before = this.tails.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.tails.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.tails.get(key) === turn) this.tails.delete(key);
    }
  }
}
