import { describe, expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.js';

const claims = (userId: number) => ({ sessionId: 's', userId, tokenExpiresAt: 1_000 });

describe('VerifiedTokens', () => {
  it('knows a token again until it expires', () => {
    const tokens = new VerifiedTokens();
    tokens.add('a', claims(1));
    expect(tokens.find('a', 999)).toEqual(claims(1));
    expect(tokens.find('a', 1_000)).toBeUndefined();
    expect(tokens.find('b', 0)).toBeUndefined();
    expect(tokens.find(null, 0)).toBeUndefined();
  });

  it('lets go of the oldest', () => {
    const tokens = new VerifiedTokens(2);
    for (const [index, token] of ['a', 'b', 'c'].entries()) tokens.add(token, claims(index));
    expect(['a', 'b', 'c'].map((token) => tokens.find(token, 0)?.userId)).toEqual([undefined, 1, 2]);
  });
});
