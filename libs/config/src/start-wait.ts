import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';

/** Milliseconds between two tries. */
const AGAIN_MS = 500;

/**
 * Does a step of the start that needs an engine, again and again while that is away: after a power cut all come up at once,
 * and the server is the quickest. Each reason is told to the log once.
 * @param patienceMs how long; undefined: not at all
 * @param isAway whether an error is one that passes
 * @throws what the last try failed with
 */
export async function waitWhileAway<Result>(
  patienceMs: number | undefined,
  isAway: (error: unknown) => boolean,
  step: () => Promise<Result>,
): Promise<Result> {
  const logger = new Logger('Start');
  let told: string | undefined;
  for (const deadline = performance.now() + (patienceMs ?? 0); ; await delay(AGAIN_MS)) {
    try {
      return await step();
    } catch (error) {
      if (!isAway(error) || performance.now() + AGAIN_MS > deadline) throw error;
      const { message } = error as Error;
      if (message === told) continue;
      told = message;
      const msg = `The start waits: ${message}`;
      logger.warn({ event: 'start-waits', msg, forS: Math.round((deadline - performance.now()) / 1000) });
    }
  }
}
