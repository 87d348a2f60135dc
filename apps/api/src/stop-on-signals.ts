import type { INestApplicationContext } from '@nestjs/common';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
/** Milliseconds beyond the grace for what is under way, for all that comes after it. */
const AFTER_GRACE = 1_500;

/**
 * Stops the server at a signal: what is under way has its grace, and after that, or at a second signal, the process ends
 * as it is. A disk or a database that answers no more cannot keep it, and a restart undoes what is half done anyway.
 * @param graceMs milliseconds
 */
export function stopOnSignals(app: INestApplicationContext, graceMs: number): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), graceMs + AFTER_GRACE).unref();
    void app.close().then(
      () => endBy(signal),
      () => process.exit(1),
    );
  };
  const endBy = (signal: NodeJS.Signals) => {
    for (const name of SIGNALS) process.off(name, stop);
    // As whoever sent it expects to see it end.
    process.kill(process.pid, signal);
  };
  for (const name of SIGNALS) process.on(name, stop);
}
