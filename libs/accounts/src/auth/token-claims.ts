import { isUUID } from 'class-validator';

export const ALGORITHM = 'HS256';
export const ISSUER = 'defdrive';
export const AUDIENCE = 'defdrive-api';

/** Seconds that another clock may be ahead of ours. */
const CLOCK_TOLERANCE_S = 60;

/** What a token says once its form is proved: whose session it is. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly userId: number;
}

/** What a token says, and until when. */
export interface TokenClaims extends SessionClaims {
  /** Milliseconds since 1970. */
  readonly tokenExpiresAt: number;
}

/**
 * Reads the payload of a token whose signature, `exp` and `nbf` have been verified, as far as they were there.
 * @param now milliseconds since 1970
 * @returns none unless `exp`, `iat`, `iss`, `aud`, `sub` and `jti` are all there and of the form that we give them
 */
export function readClaims(payload: Record<string, unknown>, now: number): TokenClaims | undefined {
  const { exp, iat, iss, aud, sub, jti } = payload;
  if (typeof exp !== 'number' || typeof iat !== 'number' || iat > now / 1000 + CLOCK_TOLERANCE_S) return undefined;
  if (iss !== ISSUER || aud !== AUDIENCE) return undefined;
  if (typeof sub !== 'string' || !/^[1-9]\d{0,9}$/.test(sub)) return undefined;
  if (typeof jti !== 'string' || !isUUID(jti)) return undefined;
  return { sessionId: jti, userId: Number(sub), tokenExpiresAt: exp * 1000 };
}
