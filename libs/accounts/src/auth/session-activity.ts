import { UnitOfWork } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';

/** Milliseconds for which `lastSeenAt` may lag behind: a write for each request would cost more than the request. */
const RESOLUTION_MS = 60_000;

/** When a session was last used. */
export interface Seen {
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly lastSeenAt: number;
}

/** Keeps the sessions' `lastSeenAt`, and with it the end of those that slide. */
@Injectable()
export class SessionActivity {
  private readonly logger = new Logger(SessionActivity.name);
  private readonly underWay = new Set<string>();

  constructor(private readonly units: UnitOfWork) {}

  /**
   * Notes that a session was used now, at most once a minute. Neither delays nor fails the request: it returns at once.
   * @param ttlMs how long the session lives from its last use; none: its end is fixed
   * @returns whether it has been noted
   */
  note({ sessionId, lastSeenAt }: Seen, ttlMs?: number): boolean {
    const now = Date.now();
    if (now - lastSeenAt < RESOLUTION_MS || this.underWay.has(sessionId)) return false;
    this.underWay.add(sessionId);
    const [end, parameters] = ttlMs === undefined ? ['', []] : [', expiresAt = ?', [now + ttlMs]];
    this.units
      .run((unit) =>
        unit.change(`UPDATE sessions SET lastSeenAt = ?${end} WHERE id = ?`, [now, ...parameters, sessionId]),
      )
      .catch((error: Error) => this.logger.warn({ event: 'last-seen-failed', sessionId, reason: error.message }))
      .finally(() => this.underWay.delete(sessionId));
    return true;
  }
}
