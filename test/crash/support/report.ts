import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory in which each file of the run leaves what it has done; none in the short form. */
    crashReport: string | undefined;
  }
}

/** What the files of a run have done, to be summed. */
export class Tally {
  kills = 0;
  faults = 0;
  requests = 0;
  /** Uploads and deletes that were acknowledged: a load that is refused everything would prove nothing. */
  acknowledged = 0;
  checks = 0;
  violations = 0;
  /** How often the process was killed at each place. */
  readonly places: Record<string, number> = {};

  killed(place: string): void {
    this.kills += 1;
    this.places[place] = (this.places[place] ?? 0) + 1;
  }
}

export const tally = new Tally();

// Every request of the harness goes through here, so that the report can say how many there were.
const send = globalThis.fetch;
globalThis.fetch = (...request) => {
  tally.requests += 1;
  return send(...request);
};

afterAll(() => {
  const directory = inject('crashReport');
  if (directory) writeFileSync(join(directory, randomUUID()), JSON.stringify(tally));
});
