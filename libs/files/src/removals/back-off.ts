const FIRST_MS = 1_000;
const LONGEST_MS = 3_600_000;
const SPREAD = 0.2;

/** Milliseconds for which a removal waits at most. One that would wait longer was postponed under another clock. */
export const LONGEST_WAIT_MS = LONGEST_MS * (1 + SPREAD);

/**
 * When a removal is due again: 1 s doubling to 1 h, spread by ±20 % so that many do not come due at once; never given up.
 * @param attempts how many have failed, at least 1
 * @param now milliseconds since 1970
 */
export function nextAttempt(attempts: number, now: number, random: () => number = Math.random): number {
  const wait = Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS);
  return Math.round(now + wait * (1 + SPREAD * (2 * random() - 1)));
}
