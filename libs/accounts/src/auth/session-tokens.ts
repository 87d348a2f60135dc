import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { SIGNING_KEY } from './signing-key.js';
import { ALGORITHM, AUDIENCE, ISSUER, type SessionClaims } from './token-claims.js';

/** Signs the tokens that stand for sessions. */
@Injectable()
export class SessionTokens {
  private readonly jwt: JwtService;

  constructor(@Inject(SIGNING_KEY) key: KeyObject) {
    this.jwt = new JwtService({ secret: key, signOptions: { algorithm: ALGORITHM } });
  }

  /** @param createdAt, expiresAt milliseconds since 1970 */
  sign({ sessionId, userId, createdAt, expiresAt }: SessionClaims & { createdAt: number; expiresAt: number }): string {
    return this.jwt.sign({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: String(userId),
      jti: sessionId,
      iat: Math.floor(createdAt / 1000),
      exp: Math.floor(expiresAt / 1000),
    });
  }
}
