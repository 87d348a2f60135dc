import type { INestApplicationContext } from '@nestjs/common';
import { HealthService } from './health/health.service.js';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
/** Milliseconds beyond the grace for what is under way, for all that comes after it. */
const AFTER_GRACE = 1_500;

/** How a server ends, in milliseconds. */
export interface StopTimes {
  /** For what is under way. */
  readonly stopGraceMs: number;
  /** For proxies to see that it leaves, while it still takes what they send. */
  readonly stopDelayMs: number | undefined;
}

/**
 * While the server starts, a signal ends it as it is: nothing is under way. Without a handler the first process of a container
 * would not hear it at all.
 * @returns what takes that back
 */
export function endOnSignals(): () => void {
  const stopListening = () => {
    for (const name of SIGNALS) process.off(name, end);
  };
  const end = (signal: NodeJS.Signals) => {
    stopListening();
    process.kill(process.pid, signal);
    process.exit(1);
  };
  for (const name of SIGNALS) process.on(name, end);
  return stopListening;
}

/**
 * Stops the server at a signal: readiness says no for a while, if it is to; then what is under way has its grace, and after
 * that, or at a second signal, the process ends as it is. A disk or a database that answers no more cannot keep it, and a
 * restart undoes what is half done anyway.
 */
export function stopOnSignals(app: INestApplicationContext, { stopGraceMs, stopDelayMs = 0 }: StopTimes): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), stopDelayMs + stopGraceMs + AFTER_GRACE).unref();
    app.get(HealthService).leave();
    setTimeout(() => {
      void app.close().then(
        () => endBy(signal),
        () => process.exit(1),
      );
    }, stopDelayMs);
  };
  const endBy = (signal: NodeJS.Signals) => {
    for (const name of SIGNALS) process.off(name, stop);
    // As whoever sent it expects to see it end.
    process.kill(process.pid, signal);
  };
  for (const name of SIGNALS) process.on(name, stop);
}
