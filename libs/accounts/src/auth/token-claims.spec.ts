import { describe, expect, it } from 'vitest';
import { readClaims } from './token-claims.js';

const NOW = Date.UTC(2026, 0, 31, 12);
const SECOND = NOW / 1000;
const JTI = '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d';
const GOOD = { iss: 'defdrive', aud: 'defdrive-api', sub: '7', jti: JTI, iat: SECOND, exp: SECOND + 60 };

describe('readClaims', () => {
  it('tells whose session a token is', () => {
    expect(readClaims(GOOD, NOW)).toEqual({ sessionId: JTI, userId: 7, issuedAt: NOW, expiresAt: NOW + 60_000 });
  });

  it('takes a clock that is a minute ahead, and not more', () => {
    expect(readClaims({ ...GOOD, iat: SECOND + 60 }, NOW)).toBeDefined();
    expect(readClaims({ ...GOOD, iat: SECOND + 61 }, NOW)).toBeUndefined();
  });

  it.each(Object.keys(GOOD))('refuses a token without %s', (claim) => {
    expect(readClaims({ ...GOOD, [claim]: undefined }, NOW)).toBeUndefined();
  });

  it.each([
    ['exp', String(SECOND + 60)],
    ['iat', String(SECOND)],
    ['iat', null],
    ['iss', 'somebody'],
    ['iss', ['defdrive']],
    ['aud', 'another-api'],
    ['aud', ['defdrive-api']],
    ['sub', 7],
    ['sub', '07'],
    ['sub', '-7'],
    ['sub', '7 OR 1=1'],
    ['sub', '1e3'],
    ['sub', ['7']],
    ['sub', { id: 7 }],
    ['jti', 1],
    ['jti', ''],
    ['jti', [JTI]],
    ['jti', 'not a uuid'],
  ])('refuses a token whose %s is %j', (claim, value) => {
    expect(readClaims({ ...GOOD, [claim]: value }, NOW)).toBeUndefined();
  });
});
