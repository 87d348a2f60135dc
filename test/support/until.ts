import { vi } from 'vitest';

/** Milliseconds; longer than anything takes that a test waits for, and than most tests may. */
const PATIENCE_MS = 60_000;

/** Resolves once it holds: for what tells nobody when it comes about, such as rows that another process writes. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(holds, { timeout: PATIENCE_MS, interval: 10 });
}
