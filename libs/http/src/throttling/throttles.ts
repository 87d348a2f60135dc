import type { Rate } from '@app/config';
import { OwnPoints } from './own-points.js';
import type { Points } from './points.js';
import { RateLimit } from './rate-limit.js';

/** Gives the limits of a drive, which all of its servers keep together (docs/decisions/0270-throttles-are-shared.md). */
export abstract class Throttles {
  /** @param name by which all servers know it; no other limit has it */
  limit(name: string, rate: Rate): RateLimit {
    return new RateLimit(this.pointsOf(name, rate));
  }

  protected abstract pointsOf(name: string, rate: Rate): Points;
}

/** Of the one server of a drive: all is in its memory. */
export class OwnThrottles extends Throttles {
  protected override pointsOf(_name: string, rate: Rate): Points {
    return new OwnPoints(rate);
  }
}
