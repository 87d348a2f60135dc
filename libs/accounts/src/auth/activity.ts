import { UnitOfWork, type Work } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';

/** Milliseconds for which a last use may lag behind: a write for each request would cost more than the request. */
const RESOLUTION_MS = 60_000;

/** Keeps when sessions and API tokens were last used. */
@Injectable()
export class Activity {
  private readonly logger = new Logger(Activity.name);
  private readonly underWay = new Set<string>();

  constructor(private readonly units: UnitOfWork) {}

  /**
   * Whether a use at this moment is to be noted: a minute after the last one, and not while another is being noted.
   * @param last milliseconds since 1970; null for never
   */
  isDue(id: string, last: number | null): boolean {
    return Date.now() - (last ?? 0) >= RESOLUTION_MS && !this.underWay.has(id);
  }

  /** Notes a use. Neither delays nor fails the request: it returns at once. */
  note(id: string, write: Work<unknown>): void {
    this.underWay.add(id);
    this.units
      .run(write)
      .catch((error: Error) => this.logger.warn({ event: 'last-seen-failed', id, reason: error.message }))
      .finally(() => this.underWay.delete(id));
  }
}
