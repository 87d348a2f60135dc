import { isUUID } from 'class-validator';

export const ALGORITHM = 'HS256';
export const ISSUER = 'defdrive';
export const AUDIENCE = 'defdrive-api';

/** Milliseconds that another clock may be ahead of ours. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What a token says once its form is proved: whose session it is. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly userId: number;
}

/** What a token says, and when; milliseconds since 1970. */
export interface TokenClaims extends SessionClaims {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Reads the payload of a token whose signature, `exp` and `nbf` have been verified, as far as they were there.
 * @param now milliseconds since 1970
 * @returns none unless `exp`, `iat`, `iss`, `aud`, `sub` and `jti` are all there and of the form that we give them
 */
export function readClaims(payload: Record<string, unknown>, now: number): TokenClaims | undefined {
  const { exp, iat, iss, aud, sub, jti } = payload;
  if (typeof exp !== 'number' || typeof iat !== 'number') return undefined;
  if (iss !== ISSUER || aud !== AUDIENCE) return undefined;
  if (typeof sub !== 'string' || !/^[1-9]\d{0,9}$/.test(sub)) return undefined;
  if (typeof jti !== 'string' || !isUUID(jti)) return undefined;
  const claims = { sessionId: jti, userId: Number(sub), issuedAt: iat * 1000, expiresAt: exp * 1000 };
  return isTimely(claims, now) ? claims : undefined;
}

/** Whether it is not over, and not of a time that our clock has yet to reach. @param now milliseconds since 1970 */
export function isTimely({ issuedAt, expiresAt }: TokenClaims, now: number): boolean {
  return issuedAt <= now + CLOCK_TOLERANCE_MS && now < expiresAt;
}
