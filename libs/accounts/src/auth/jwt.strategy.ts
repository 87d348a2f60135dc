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
import { ALGORITHM, AUDIENCE, ISSUER, readClaims, type SessionClaims } from './token-claims.js';
import { VerifiedTokens } from './verified-tokens.js';
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
  private readonly verified = new VerifiedTokens();

  constructor(
    @Inject(SIGNING_KEY) key: KeyObject,
    private readonly dataSource: DataSource,
    private readonly activity: Activity,
  ) {
    super({
      jwtFromRequest: bearerToken,
      passReqToCallback: true,
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
   * that the process registered last, and at two thirds of the cost. A token that it has verified before is known again.
   * @returns none unless the request carries the token of a living session
   * @throws whatever keeps the database from being asked
   */
  async principalOf(request: FastifyRequest): Promise<Principal | undefined> {
    const known = this.verified.find(bearerToken(request), Date.now());
    return known ? this.principalIn(known) : this.authenticated(request);
  }

  /** @returns undefined, hence 401, for a session that has ended or expired and for a disabled user */
  async validate(request: FastifyRequest, payload: Record<string, unknown>): Promise<Principal | undefined> {
    const claims = readClaims(payload, Date.now());
    if (!claims) return undefined;
    // One that is not valid yet has to be looked at anew each time. Ours never says so.
    if (payload.nbf === undefined) this.verified.add(bearerToken(request)!, claims);
    return this.principalIn(claims);
  }

  private authenticated(request: FastifyRequest): Promise<Principal | undefined> {
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

  private async principalIn({ sessionId, userId }: SessionClaims): Promise<Principal | undefined> {
    const [row] = await this.dataSource.query<LivingSession[]>(LIVING_SESSION, [sessionId, userId, Date.now()]);
    if (!row) return undefined;
    if (this.activity.isDue(sessionId, row.lastSeenAt)) this.noteUse(sessionId);
    return { user: authenticatedUser(row), via: 'jwt', sessionId, scopes: undefined };
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
