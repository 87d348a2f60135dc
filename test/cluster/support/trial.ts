import { setTimeout as delay } from 'node:timers/promises';
import { violations } from '../../crash/support/checker.js';
import { Random, together } from '../../crash/support/plan.js';
import type { World } from '../../crash/support/world.js';
import type { Cluster } from './cluster.js';
import { type Fault, suffer } from './faults.js';
import { Lane } from './load.js';
import { Persistent } from './persistent.js';

/** Milliseconds after which what is left to do counts as never done: takings-over, retries and sweeps with these settings. */
const DRAIN_MS = 90_000;
const LOOK_EVERY_MS = 500;
const BEFORE_MS = 2_000;
const LANES_EACH = 2;

/** What one round has come to. */
export interface Round {
  readonly operations: number;
  /** What is not as it must be. */
  readonly findings: string[];
  /** Milliseconds from the last fault's end until every server was ready. */
  readonly healedAfter: number;
}

/** Lets faults come over a cluster under load; then, when all is well again, the checker compares the books with what there is. */
export async function round(cluster: Cluster, random: Random, faults: readonly Fault[]): Promise<Round> {
  const ends = new AbortController();
  const lanes = lanesOf(cluster, random);
  const load = together(lanes.map((lane) => lane.run(ends.signal)));
  // Its error is that of the whole round, whatever else fails meanwhile.
  load.catch(() => undefined);
  await delay(BEFORE_MS);
  cluster.weather.wellSince = undefined;
  await together(faults.map((fault) => suffer(fault, random.below(1_000))));
  const over = Date.now();
  await cluster.heal();
  const healedAfter = Date.now() - over;
  ends.abort();
  await load;
  await useUpLinks(cluster);
  const findings = await check(cluster);
  return { operations: lanes.reduce((sum, { done }) => sum + done, 0), findings, healedAfter };
}

/** The people of a cluster, with the files that they have. */
export function lanesOf({ people, ledger, weather }: Cluster, random: Random): Lane[] {
  return people.flatMap((recorder) => {
    const own = ledger.files.filter(
      ({ owner, id, removal }) => owner === recorder.client.username && id !== undefined && removal === 'none',
    );
    return Array.from({ length: LANES_EACH }, (_, half) => {
      const files = own.filter((_file, at) => at % LANES_EACH === half);
      return new Lane(new Persistent(recorder, weather), random, files);
    });
  });
}

/** A link that enough strangers have come to has been used exactly as often as it allows, whoever of the servers they met. */
async function useUpLinks({ people, ledger, weather }: Cluster): Promise<void> {
  const works = people.map(async (recorder) => {
    const person = new Persistent(recorder, weather);
    const own = ledger.files.filter(({ owner, removal }) => owner === person.username && removal === 'none');
    for (const file of own) for (const link of file.links) await person.useUp(file, link);
  });
  await together(works);
}

/**
 * Compares what database and bucket hold with the books, once nothing is left to do, and closes these.
 * @returns what is not as it must be
 */
export async function check(cluster: Cluster, within = DRAIN_MS): Promise<string[]> {
  const { world } = cluster;
  let found: string[] = [];
  for (const deadline = Date.now() + within; ; await delay(LOOK_EVERY_MS)) {
    const late = Date.now() > deadline;
    if (!late && !(await world.isDrained())) continue;
    const now = await world.look();
    found = violationsOf(now, cluster);
    // What is only left over may still be swept.
    if (late || !found.every((finding) => /^(I2|I7 the temporary|I9)/.test(finding)) || found.length === 0) {
      close(now, cluster);
      return found;
    }
  }
}

/** What the checker says of a drive at rest. */
export function violationsOf(world: World, cluster: Cluster): string[] {
  return [...violations(world, cluster.ledger, 'rest'), ...linksAreUsedUp(world, cluster)];
}

/** A person has a file with two links that are used up, and a receipt: something of all that can be damaged. */
export async function furnish({ people, weather, ledger }: Cluster): Promise<void> {
  const person = new Persistent(people[0]!, weather);
  const ours = ledger.files.some(({ owner, links }) => owner === person.username && links.length > 1);
  if (ours) return;
  const file = await person.upload('furniture.bin', 1_000);
  const gone = await person.upload('gone.bin', 1_000);
  await person.remove(gone!);
  for (const limit of [2, 3]) await person.useUp(file!, (await person.share(file!, limit))!);
}

function linksAreUsedUp({ accesses }: World, { ledger }: Cluster): string[] {
  const uses = new Map(accesses.map((access) => [access.link, access.uses]));
  return ledger.files
    .filter(({ removal }) => removal === 'none')
    .flatMap(({ links }) => links)
    .filter(({ hash, limit, asked }) => asked >= limit && uses.has(hash) && uses.get(hash) !== limit)
    .map(({ hash, limit }) => `I8 a link for ${limit} uses was refused after ${uses.get(hash)}`);
}

function close({ files, uploads }: World, { ledger }: Cluster): void {
  const live = files.filter(({ state }) => state === 'live');
  ledger.close(
    new Map(live.map((file) => [file.sha256, { id: file.id, public: file.public === 1 }])),
    new Set(uploads.filter(({ reserved }) => reserved !== null).map(({ id }) => id)),
  );
  ledger.seen.splice(0);
}
