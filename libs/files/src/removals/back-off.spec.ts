import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_WAIT_MS, nextAttempt } from './back-off.js';

const HOUR = 3_600_000;

describe('nextAttempt', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [10, 512_000],
    [12, 2_048_000],
    [13, HOUR],
    [14, HOUR],
    [5_000, HOUR],
  ])('waits after %i failed attempts %i ms, give or take', (attempts, wait) => {
    expect(nextAttempt(attempts, 0, () => 0.5)).toBe(wait);
    expect(nextAttempt(attempts, 0, () => 0)).toBe(wait * 0.8);
    expect(nextAttempt(attempts, 0, () => 1)).toBe(wait * 1.2);
  });

  it('is always a whole number of milliseconds ahead, and at most 72 minutes', () => {
    const property = fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(4e12), (attempts, now) => {
      const next = nextAttempt(attempts, now);
      expect(Number.isSafeInteger(next)).toBe(true);
      expect(next - now).toBeGreaterThanOrEqual(800);
      expect(next - now).toBeLessThanOrEqual(LONGEST_WAIT_MS);
    });
    fc.assert(property);
    expect(LONGEST_WAIT_MS).toBe(1.2 * HOUR);
  });
});
