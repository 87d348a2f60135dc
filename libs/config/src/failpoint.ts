/** A place where a test may end the process: `FAILPOINT=<name>` or `FAILPOINT=<name>:<occurrence>` (1 is the first). */
const [armedName, armedOccurrence = '1'] = (process.env.FAILPOINT ?? '').split(':');
let seen = 0;

/**
 * Marks a named step of a protocol. Does nothing, unless the environment names this very step: then the process kills
 * itself as a power cut would, so that the crash tests can show what a restart makes of it.
 */
export function failpoint(name: string): void {
  if (name === armedName && ++seen === Number(armedOccurrence)) process.kill(process.pid, 'SIGKILL');
}
