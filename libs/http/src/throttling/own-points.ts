import type { Rate } from '@app/config';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Points } from './points.js';

/** Node's timers wrap around above this and would open the window at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Points in the memory of this process: a restart forgives. */
export class OwnPoints implements Points {
  private readonly limiter: RateLimiterMemory;

  constructor(rate: Rate) {
    this.limiter = new RateLimiterMemory({
      points: rate.points,
      duration: Math.min(rate.windowMs, MAX_TIMER_MS) / 1000,
    });
  }

  async take(key: string): Promise<number | undefined> {
    try {
      await this.limiter.consume(key);
      return undefined;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      // The limiter counts refused ones too; that would eat the points given back by the requests under way.
      await this.giveBack(key);
      return refusal.msBeforeNext;
    }
  }

  async taken(key: string): Promise<number> {
    return (await this.limiter.get(key))?.consumedPoints ?? 0;
  }

  async giveBack(key: string): Promise<void> {
    const { consumedPoints } = await this.limiter.reward(key);
    // Also when the window has ended meanwhile: a new one must not begin with a point too many.
    if (consumedPoints <= 0) await this.limiter.delete(key);
  }
}
