import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimit } from './rate-limit.js';

const MINUTE = 60_000;
const take = (limit: RateLimit, key: string, times: number) =>
  Promise.allSettled(Array.from({ length: times }, () => limit.take(key)));
const taken = (outcomes: PromiseSettledResult<void>[]) =>
  outcomes.filter(({ status }) => status === 'fulfilled').length;

describe('RateLimit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives a key its points and no more, also when they are taken side by side', async () => {
    const limit = new RateLimit({ points: 3, windowMs: MINUTE });
    expect(taken(await take(limit, 'alice', 10))).toBe(3);
    expect(taken(await take(limit, 'bob', 10))).toBe(3);
  });

  it('refuses with 429 and the seconds until the window ends', async () => {
    const limit = new RateLimit({ points: 1, windowMs: MINUTE });
    await limit.take('alice');
    vi.advanceTimersByTime(20_500);
    await expect(limit.take('alice')).rejects.toMatchObject({
      errorName: 'tooManyRequests',
      headers: { 'retry-after': '40' },
    });
  });

  it('begins anew when the window has ended', async () => {
    const limit = new RateLimit({ points: 2, windowMs: MINUTE });
    await take(limit, 'alice', 5);
    vi.advanceTimersByTime(MINUTE - 1);
    expect(taken(await take(limit, 'alice', 1))).toBe(0);
    vi.advanceTimersByTime(1);
    expect(taken(await take(limit, 'alice', 5))).toBe(2);
  });

  it('takes back a point that did not count, without those that were refused meanwhile', async () => {
    const limit = new RateLimit({ points: 2, windowMs: MINUTE });
    await take(limit, 'alice', 9);
    await limit.giveBack('alice');
    expect(taken(await take(limit, 'alice', 9))).toBe(1);
  });

  it('has no point too many when one comes back after the end of its window', async () => {
    const limit = new RateLimit({ points: 2, windowMs: MINUTE });
    await limit.take('alice');
    vi.advanceTimersByTime(MINUTE);
    await limit.giveBack('alice');
    expect(taken(await take(limit, 'alice', 9))).toBe(2);
  });

  it('holds a window that is longer than a timer of Node can be', async () => {
    const limit = new RateLimit({ points: 1, windowMs: 1000 * 60 * MINUTE });
    await limit.take('alice');
    vi.advanceTimersByTime(MINUTE);
    expect(taken(await take(limit, 'alice', 1))).toBe(0);
  });
});
