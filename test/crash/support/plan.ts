/** `npm run test:crash` runs everything, `npm test` a short form of it. */
export const FULL = process.env.CRASH === 'full';

/** How much of something this run does. */
export function amount<Value>(short: Value, full: Value): Value {
  return FULL ? full : short;
}

/** `CRASH_SEED=<number>` plays a run again; the short form is the same each time. */
export const SEED = Number(process.env.CRASH_SEED ?? amount(1, Date.now() % 1_000_000));

/** Numbers that look random and are the same for the same seed. */
export class Random {
  private state: number;

  /** @param name so that each user of the run's seed has numbers of its own */
  constructor(name: string, seed = SEED) {
    this.state = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619), seed | 0);
  }

  /** From 0, below 1 (mulberry32). */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, rank: this.fraction() }))
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ item }) => item);
  }
}

/** Milliseconds for a test that makes many starts. */
export const PATIENCE_MS = amount(180_000, 1_200_000);

/** Waits for all of them, so that nothing goes on behind a test that has failed. @throws the first error */
export async function together(works: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works)) if (outcome.status === 'rejected') throw outcome.reason;
}
