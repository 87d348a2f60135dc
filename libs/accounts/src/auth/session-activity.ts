import { UnitOfWork } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';

/** Milliseconds for which `lastSeenAt` may lag behind: a write for each request would cost more than the request. */
const RESOLUTION_MS = 60_000;

/** Keeps the sessions' `lastSeenAt`. */
@Injectable()
export class SessionActivity {
  private readonly logger = new Logger(SessionActivity.name);
  private readonly underWay = new Set<string>();

  constructor(private readonly units: UnitOfWork) {}

  /** Notes that a session was used now, at most once a minute. Neither delays nor fails the request: it returns at once. */
  note(sessionId: string, lastSeenAt: number): void {
    const now = Date.now();
    if (now - lastSeenAt < RESOLUTION_MS || this.underWay.has(sessionId)) return;
    this.underWay.add(sessionId);
    this.units
      .run((unit) => unit.change('UPDATE sessions SET lastSeenAt = ? WHERE id = ?', [now, sessionId]))
      .catch((error: Error) => this.logger.warn({ event: 'last-seen-failed', sessionId, reason: error.message }))
      .finally(() => this.underWay.delete(sessionId));
  }
}
