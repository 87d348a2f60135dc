import type { Rate } from '@app/config';
import { ContractError } from '@app/contract';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Node's timers wrap around above this and would open the window at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * So many points for each key in a window of time, which begins with the first point taken. Kept in memory: one process
 * serves the drive, and a restart forgives.
 *
 * Take the point before the costly step and give it back when the step turns out not to count: then any number of
 * parallel requests cannot get more than the rate.
 */
export class RateLimit {
  private readonly limiter: RateLimiterMemory;

  constructor(rate: Rate) {
    this.limiter = new RateLimiterMemory({
      points: rate.points,
      duration: Math.min(rate.windowMs, MAX_TIMER_MS) / 1000,
    });
  }

  /** @throws ContractError `tooManyRequests`, with the time until the window ends, when no point is left for `key` */
  async take(key: string): Promise<void> {
    try {
      await this.limiter.consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      // The limiter counts refused ones too; that would eat the points given back by the requests under way.
      await this.giveBack(key);
      throw new ContractError('tooManyRequests', { retryAfter: refusal.msBeforeNext / 1000 });
    }
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
  async taken(key: string): Promise<number> {
    return (await this.limiter.get(key))?.consumedPoints ?? 0;
  }

  /** Undoes one `take`. */
  async giveBack(key: string): Promise<void> {
    const { consumedPoints } = await this.limiter.reward(key);
    // Also when the window has ended meanwhile: a new one must not begin with a point too many.
    if (consumedPoints <= 0) await this.limiter.delete(key);
  }
}
