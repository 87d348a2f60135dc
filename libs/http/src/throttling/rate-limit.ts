import { ContractError } from '@app/contract';
import type { Points } from './points.js';

/**
 * So many points for each key in a window of time.
 *
 * Take the point before the costly step and give it back when the step turns out not to count: then any number of
 * parallel requests cannot get more than the rate.
 */
export class RateLimit {
  constructor(private readonly points: Points) {}

  /** @throws ContractError `tooManyRequests`, with the time until the window ends, when no point is left for `key` */
  async take(key: string): Promise<void> {
    const waitMs = await this.points.take(key);
    if (waitMs !== undefined) throw new ContractError('tooManyRequests', { retryAfter: waitMs / 1000 });
  }

  /**
   * Takes a point for work that gives nothing; one that gives something, or throws, has its point back.
   * @throws ContractError `tooManyRequests`
   */
  async unless<Result>(key: string, work: () => Promise<Result | undefined>): Promise<Result | undefined> {
    await this.take(key);
    const result = await work().catch(async (error: unknown) => {
      await this.giveBack(key);
      throw error;
    });
    if (result !== undefined) await this.giveBack(key);
    return result;
  }

  /** How many points are taken. */
  taken(key: string): Promise<number> {
    return this.points.taken(key);
  }

  /** Undoes one `take`. */
  giveBack(key: string): Promise<void> {
    return this.points.giveBack(key);
  }
}
