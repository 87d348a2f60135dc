import type { Client } from './client.js';

/** Milliseconds that nobody notices; what a machine that is busy with other things may take for itself. */
const UNNOTICED_MS = 100;
/** A machine may be busy for a while: only what is so each time is so. */
const TRIES = 3;
/** Requests that tell how long one takes where nothing else is to be done. */
const IDLE = 60;

/** A small request of somebody who has nothing to do with what goes on. */
async function small(client: Client): Promise<number> {
  const began = performance.now();
  const { status } = await client.get('/api/user/limits');
  if (status !== 200) throw new Error(`A small request was answered with ${status}`);
  return performance.now() - began;
}

/** Of so many latencies the one that 99 of a hundred do not exceed, in milliseconds. */
export function p99(latencies: readonly number[]): number {
  return latencies.toSorted((one, other) => one - other)[Math.ceil(latencies.length * 0.99) - 1] ?? Number.NaN;
}

/** Small requests, one after another, until the work is over. */
async function latenciesWhile(client: Client, work: Promise<unknown>): Promise<number[]> {
  const state = { over: false };
  const done = work.finally(() => (state.over = true));
  const latencies: number[] = [];
  do latencies.push(await small(client));
  while (!state.over);
  await done;
  return latencies;
}

/**
 * While the work goes on, another user's small requests take at most three times what they take else; or what nobody
 * notices.
 * @param work is begun anew for each try
 * @param unnoticedMs that are always allowed
 * @throws Error with the figures of all tries, where it was so in none
 */
export async function requireQuickBeside(
  client: Client,
  work: () => Promise<unknown>,
  unnoticedMs = UNNOTICED_MS,
): Promise<void> {
  const figures: string[] = [];
  for (let tries = 0; tries < TRIES; tries += 1) {
    const idle: number[] = [];
    while (idle.length < IDLE) idle.push(await small(client));
    const beside = await latenciesWhile(client, work());
    const bound = Math.max(3 * p99(idle), unnoticedMs);
    if (p99(beside) <= bound) return;
    figures.push(`${p99(beside).toFixed()} ms beside it (${beside.length} requests), ${p99(idle).toFixed()} ms else`);
  }
  throw new Error(`Others wait: ${figures.join('; ')}`);
}
