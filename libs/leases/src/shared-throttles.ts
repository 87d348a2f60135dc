import { createHmac, type KeyObject } from 'node:crypto';
import type { Rate } from '@app/config';
import type { UnitOfWork } from '@app/database';
import { type Points, Throttles } from '@app/http';
import { SharedPoints } from './shared-points.js';
import { ThrottleSweep } from './throttle-sweep.js';

/** The limits of servers that share a drive: their points are in the database. */
export class SharedThrottles extends Throttles {
  private readonly sweep: ThrottleSweep;

  /** @param secret the same for all servers */
  constructor(
    private readonly units: UnitOfWork,
    private readonly secret: KeyObject,
  ) {
    super();
    this.sweep = new ThrottleSweep(units);
  }

  protected override pointsOf(name: string, rate: Rate): Points {
    return new SharedPoints(this.units, this.sweep, (key) => this.subject(name, key), rate);
  }

  /** An HMAC, because an address could be found by trying all there are. */
  private subject(name: string, key: string): string {
    return createHmac('sha256', this.secret)
      .update(`throttle ${JSON.stringify([name, key])}`)
      .digest('hex');
  }
}
