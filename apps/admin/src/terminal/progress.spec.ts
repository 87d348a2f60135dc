import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Progress, timeLeft } from './progress.js';

let written: string;
beforeEach(() => {
  written = '';
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((written = String(text)), true));
  Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  Object.defineProperty(process.stderr, 'isTTY', { value: undefined, configurable: true });
});

it('tells how many of how many, and after a second the rate and the time that is left', () => {
  const { update } = new Progress();
  update('files copied', 0, 10_000);
  expect(written).toBe('\r\u001B[K0 of 10,000 files copied …');
  vi.advanceTimersByTime(2_000);
  update('files copied', 400, 10_000);
  expect(written).toBe('\r\u001B[K400 of 10,000 files copied, 200/s, 48 s left …');
});

it('counts each step by itself, and without a total tells no time that is left', () => {
  const { update } = new Progress();
  update('files', 500);
  vi.advanceTimersByTime(5_000);
  update('blobs', 0);
  expect(written).toBe('\r\u001B[K0 blobs …');
  vi.advanceTimersByTime(2_000);
  update('blobs', 3);
  expect(written).toBe('\r\u001B[K3 blobs, 1.5/s …');
});

it.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [200, '3 min'],
  [7_500, '2 h 5 min'],
  [-3, '0 s'],
])('%d seconds are %s', (seconds, text) => expect(timeLeft(seconds)).toBe(text));
