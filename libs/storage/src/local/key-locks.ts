/**
 * One holder at a time for each key, in the order of asking.
 * The path of a blob is used again when its name is, so whoever publishes or removes bytes there must be alone.
 */
export class KeyLocks {
  private readonly tails = new Map<string, Promise<unknown>>();

  async hold<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const place = placeOf(key);
    const before = this.tails.get(place) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.tails.set(place, turn);
    try {
      return await turn;
    } finally {
      if (this.tails.get(place) === turn) this.tails.delete(place);
    }
  }
}

/**
 * Keys that some file system takes for one path are one place. No finer than the names that records compare by
 * (libs/files/src/file-name.ts), or an old removal of "A" could meet a new upload of "a" there.
 */
function placeOf(key: string): string {
  return key.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
}
