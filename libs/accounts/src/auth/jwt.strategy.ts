import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import { DataSource } from 'typeorm';
import { Activity } from './activity.js';
import type { Authenticator } from './authenticator.js';
import type { Principal } from './principal.js';
import { SIGNING_KEY } from './signing-key.js';
import { ALGORITHM, AUDIENCE, ISSUER, readClaims } from './token-claims.js';
import { authenticatedUser, USER_COLUMNS, type UserRow } from './user-row.js';

/** How the tokens begin that we make. */
const OUR_HEADER = Buffer.from(JSON.stringify({ alg: ALGORITHM, typ: 'JWT' })).toString('base64url');

const LIVING_SESSION = `
  SELECT ${USER_COLUMNS}, s.lastSeenAt
  FROM sessions s JOIN users u ON u.id = s.userId
  WHERE s.id = ? AND s.userId = ? AND s.expiresAt > ? AND u.disabled = 0`;

interface LivingSession extends UserRow {
  readonly lastSeenAt: number;
}

/**
 * Turns a bearer token into the user whose session it is. Session and user are read at every request, in one query, so
 * that a log-out, a password change or a disabled account takes effect at once.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') implements Authenticator {
  constructor(
    @Inject(SIGNING_KEY) key: KeyObject,
    private readonly dataSource: DataSource,
    private readonly activity: Activity,
  ) {
    super({
      jwtFromRequest: bearerToken,
      // Handed on to jsonwebtoken, which takes a KeyObject; only the types of passport-jwt do not know.
      secretOrKey: key as unknown as Buffer,
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  }

  /** Every request with the header: whatever stands in it, nothing else is looked at. */
  reads({ headers }: FastifyRequest): boolean {
    return headers.authorization !== undefined;
  }

  /**
   * Runs the strategy for one request, as `passport.authenticate()` would, but on this very strategy instead of the one
   * that the process registered last, and at two thirds of the cost.
   * @returns none unless the request carries the token of a living session
   * @throws whatever keeps the database from being asked
   */
  principalOf(request: FastifyRequest): Promise<Principal | undefined> {
    return new Promise((resolve, reject) => {
      const attempt: Strategy = Object.create(this);
      attempt.success = (principal: Principal) => resolve(principal);
      attempt.fail = () => resolve(undefined);
      attempt.error = reject;
      try {
        attempt.authenticate(request as never);
      } catch {
        // jsonwebtoken throws, instead of refusing, on a well-signed payload that is no object.
        resolve(undefined);
      }
    });
  }

  /** @returns null, hence 401, for a session that has ended or expired and for a disabled user */
  async validate(payload: Record<string, unknown>): Promise<Principal | null> {
    const now = Date.now();
    const claims = readClaims(payload, now);
    if (!claims) return null;
    const parameters = [claims.sessionId, claims.userId, now];
    const [row] = await this.dataSource.query<LivingSession[]>(LIVING_SESSION, parameters);
    if (!row) return null;
    if (this.activity.isDue(claims.sessionId, row.lastSeenAt)) this.noteUse(claims.sessionId);
    return { user: authenticatedUser(row), via: 'jwt', sessionId: claims.sessionId, scopes: undefined };
  }

  private noteUse(sessionId: string): void {
    this.activity.note(sessionId, (unit) =>
      unit.change('UPDATE sessions SET lastSeenAt = ? WHERE id = ?', [Date.now(), sessionId]),
    );
  }
}

/** One anchored pattern: passport-jwt's own takes quadratic time for a long header without a space. */
function bearerToken({ headers }: { headers: { authorization?: string } }): string | null {
  const token = /^Bearer +([\w.-]+)$/i.exec(headers.authorization ?? '')?.[1];
  return token === undefined || isCritical(token) ? null : token;
}

/** Whether a token demands what its reader must understand (RFC 7515, 4.1.11). Ours never does, and we understand nothing. */
function isCritical(token: string): boolean {
  const header = token.slice(0, token.indexOf('.'));
  if (header === OUR_HEADER) return false;
  try {
    return 'crit' in (JSON.parse(Buffer.from(header, 'base64url').toString()) as object);
  } catch {
    return true;
  }
}
