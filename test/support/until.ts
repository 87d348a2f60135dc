import { vi } from 'vitest';

/** Milliseconds; longer than anything takes that a test waits for, and than most tests may. */
const PATIENCE_MS = 60_000;

/**
 * Resolves once it holds: for what tells nobody when it comes about, such as rows that another process writes.
 * @param patience milliseconds, for what a busy machine needs longer for
 */
export async function until(holds: () => boolean | Promise<boolean>, patience = PATIENCE_MS): Promise<void> {
  await vi.waitUntil(holds, { timeout: patience, interval: 10 });
}
