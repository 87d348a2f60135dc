import { describe, expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.js';

const claims = (userId: number) => ({ sessionId: 's', userId, issuedAt: 100_000, expiresAt: 200_000 });

describe('VerifiedTokens', () => {
  it('knows a token again until it expires', () => {
    const tokens = new VerifiedTokens();
    tokens.add('a', claims(1));
    expect(tokens.find('a', 199_999)).toEqual(claims(1));
    expect(tokens.find('a', 200_000)).toBeUndefined();
    // A clock that is set back.
    expect(tokens.find('a', 39_999)).toBeUndefined();
    expect(tokens.find('b', 150_000)).toBeUndefined();
    expect(tokens.find(null, 150_000)).toBeUndefined();
  });

  it('lets go of the oldest', () => {
    const tokens = new VerifiedTokens(2);
    for (const [index, token] of ['a', 'b', 'c'].entries()) tokens.add(token, claims(index));
    expect(['a', 'b', 'c'].map((token) => tokens.find(token, 150_000)?.userId)).toEqual([undefined, 1, 2]);
  });
});
