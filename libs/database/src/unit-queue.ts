import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Work } from './unit-of-work.js';

/** Units that share one transaction at most: more would let one caller wait long for its answer. */
const BATCH = 64;
/** Turns of the event loop that bring no further unit: then none is taken to be on its way. */
const QUIET_TURNS = 8;
/** Turns are long where much else is done in them. */
const GATHER_MS = 2;

/** A unit of work and who waits for it. */
export interface Job {
  work: Work<unknown>;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/** Units of work that wait for the one writer. */
export class UnitQueue {
  private readonly jobs: Job[] = [];

  /** @param gatherMs milliseconds for which units are gathered at most */
  constructor(private readonly gatherMs = GATHER_MS) {}

  get isEmpty(): boolean {
    return this.jobs.length === 0;
  }

  add(job: Job): void {
    this.jobs.push(job);
  }

  /** Takes those out that are to share a transaction, and waits for such as are on their way. */
  async take(): Promise<Job[]> {
    await this.gather();
    return this.jobs.splice(0, BATCH);
  }

  /**
   * Waits until some turns of the event loop have brought no unit: requests that came at once arrive over several, since
   * each has gone its ways to other threads. Turns in which nothing happens take microseconds.
   */
  private async gather(): Promise<void> {
    const until = performance.now() + this.gatherMs;
    for (let [seen, quiet] = [0, 0]; quiet < QUIET_TURNS && this.jobs.length < BATCH && performance.now() < until;) {
      quiet = this.jobs.length > seen ? 0 : quiet + 1;
      seen = this.jobs.length;
      await nextTurn();
    }
  }
}
