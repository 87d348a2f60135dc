import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../crash/support/plan.js';
import { together } from '../../crash/support/plan.js';
import type { Cluster } from './cluster.js';
import type { Member } from './member.js';
import { lanesOf } from './trial.js';

const AROUND_MS = 1_500;

/** What a stop of one server under load looked like. */
export interface Stop {
  /** Answers of its readiness from the signal on, and whether it took a request then. */
  readonly readiness: number[];
  readonly tookRequests: boolean;
  /** What a client saw that was no answer, or one of a failure. */
  readonly troubles: string[];
  readonly operations: number;
}

/** Stops a server by SIGTERM while people work, and starts it again. */
export async function rollOver(cluster: Cluster, member: Member, random: Random): Promise<Stop> {
  const ends = new AbortController();
  cluster.troubles.splice(0);
  const lanes = lanesOf(cluster, random);
  const load = together(lanes.map((lane) => lane.run(ends.signal)));
  load.catch(() => undefined);
  await delay(AROUND_MS);
  const gone = member.end('SIGTERM');
  const readiness: number[] = [];
  let tookRequests = false;
  for (let over = false; !over; await delay(100)) {
    const ready = await member
      .client()
      .get('/api/health/ready')
      .catch(() => undefined);
    if (ready) readiness.push(ready.status);
    if (ready?.status === 404) {
      const alive = await member
        .client()
        .get('/api/health')
        .catch(() => undefined);
      tookRequests ||= alive?.status === 200;
    }
    over = await Promise.race([gone.then(() => true), delay(0).then(() => false)]);
  }
  await member.rise();
  await delay(AROUND_MS);
  ends.abort();
  await load;
  const operations = lanes.reduce((sum, { done }) => sum + done, 0);
  return { readiness, tookRequests, troubles: cluster.troubles.splice(0), operations };
}
