import { isTimely, type TokenClaims } from './token-claims.js';

/** Tokens that are kept; of about 300 bytes each. The oldest go first. */
const KEPT = 5_000;

/**
 * Tokens whose signature was verified, by their text. A signature stays what it is, so it is not computed at each request;
 * whether the session still lives is asked each time. A token that was refused is never kept.
 */
export class VerifiedTokens {
  private readonly claims = new Map<string, TokenClaims>();

  /** @param kept at most */
  constructor(private readonly kept = KEPT) {}

  /** What a token says. @param now milliseconds since 1970 @returns none for one that is not known, or not at this time */
  find(token: string | null, now: number): TokenClaims | undefined {
    const claims = token === null ? undefined : this.claims.get(token);
    return claims && isTimely(claims, now) ? claims : undefined;
  }

  add(token: string, claims: TokenClaims): void {
    if (this.claims.size >= this.kept) this.claims.delete(this.claims.keys().next().value!);
    this.claims.set(token, claims);
  }
}
