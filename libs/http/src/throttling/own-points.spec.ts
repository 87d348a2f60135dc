import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OwnPoints } from './own-points.js';

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('hold a window that is longer than a timer of Node can be', async () => {
  const points = new OwnPoints({ points: 1, windowMs: 1000 * 60 * MINUTE });
  expect(await points.take('alice')).toBeUndefined();
  vi.advanceTimersByTime(MINUTE);
  expect(await points.take('alice')).toBeGreaterThan(MINUTE);
});
