import { AppConfig } from '@app/config';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import type { Authenticator } from './authenticator.js';
import type { Principal } from './principal.js';
import { requireSameOrigin } from './same-origin.js';
import { secretHash } from './secrets.js';
import { Activity } from './activity.js';
import { SessionCookie } from './session-cookie.js';
import { authenticatedUser, USER_COLUMNS, type UserRow } from './user-row.js';

const LIVING_SESSION = `
  SELECT ${USER_COLUMNS}, s.id AS sessionId, s.lastSeenAt
  FROM sessions s JOIN users u ON u.id = s.userId
  WHERE s.secretHash = ? AND s.expiresAt > ? AND u.disabled = 0`;

interface LivingSession extends UserRow {
  readonly sessionId: string;
  readonly lastSeenAt: number;
}

/** Turns a browser's cookie into the user whose session it is, and lets the session slide. */
@Injectable()
export class CookieSessions implements Authenticator {
  constructor(
    private readonly config: AppConfig,
    private readonly cookie: SessionCookie,
    private readonly dataSource: DataSource,
    private readonly activity: Activity,
  ) {}

  /** A header of authorization comes first; beside one, a cookie is not looked at. */
  reads({ headers }: FastifyRequest): boolean {
    return headers.cookie !== undefined && headers.authorization === undefined;
  }

  /** @throws ContractError crossSiteRequest */
  async principalOf(request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> {
    const secret = this.cookie.read(request);
    if (!secret) return undefined;
    const parameters = [secretHash(secret), Date.now()];
    const [row] = await this.dataSource.query<LivingSession[]>(LIVING_SESSION, parameters);
    if (!row) return undefined;
    requireSameOrigin(request, this.config.publicUrl);
    if (this.activity.isDue(row.sessionId, row.lastSeenAt)) this.slide(row.sessionId, secret, reply);
    return { user: authenticatedUser(row), via: 'cookie', sessionId: row.sessionId, scopes: undefined };
  }

  /** The browser forgets the cookie by its own clock, and so has to hear of the new end, too. */
  private slide(sessionId: string, secret: string, reply: FastifyReply): void {
    const now = Date.now();
    const expiresAt = now + this.config.sessionTtlMs;
    this.activity.note(sessionId, (unit) =>
      unit.change('UPDATE sessions SET lastSeenAt = ?, expiresAt = ? WHERE id = ?', [now, expiresAt, sessionId]),
    );
    this.cookie.give(reply, secret, expiresAt);
  }
}
