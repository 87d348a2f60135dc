import { afterEach, describe, expect, it } from 'vitest';
import { CrashDrive } from './support/crash-drive.js';
import { runLoad } from './support/load.js';
import { amount, FULL, PATIENCE_MS, Random, SEED, together } from './support/plan.js';
import { tally } from './support/report.js';

/** Steps that every load passes. */
const UPLOAD = ['claimed', 'created', 'synced', 'linked', 'published', 'live'].map((step) => `upload.${step}`);
const IN_PARTS = ['upload.reserved', 'append.synced', 'append.saved'];
const DELETE = ['delete.recorded', 'delete.committed', 'removal.unlinked', 'removal.flushed', 'removal.settled'];
/** Steps that a recovery passes, when the death before has left something to undo. */
const RECOVERY = ['rollback.unlinked', 'rollback.cleared', 'rollback.dropped', 'removal.unlinked', 'removal.flushed'];

const OCCURRENCES = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28];
/**
 * Of the short form, which has each step once elsewhere: failpoints.spec.ts. Whatever else the load does, the first leaves
 * a linked upload to undo.
 */
const SHORT = ['upload.published:1', 'removal.unlinked:4'];
const OPERATIONS = 150;
/** Drives at once: a start that has removals to carry out waits a second for them. */
const CHAINS = amount(1, 4);

type End = 'recovery' | 'load' | 'survived';

const drives: CrashDrive[] = [];
afterEach(() => Promise.all(drives.splice(0).map((drive) => drive.destroy())));

/** Starts the server, armed, and loads it until it dies. @returns how far it came */
async function liveAndDie(drive: CrashDrive, failpoint: string, random: Random): Promise<End> {
  if ((await drive.start({ failpoint })) || !(await drive.drained())) return 'recovery';
  await drive.assertTrueAtRest(`before ${failpoint}, seed ${SEED}`);
  await runLoad(drive, random, OPERATIONS);
  const survived = await drive.isAlive();
  const { signal, code } = (await drive.stop('SIGKILL'))!;
  if (signal !== 'SIGKILL') throw new Error(`The server ended by itself with ${code ?? signal}`);
  return survived ? 'survived' : 'load';
}

/** Kills one drive at each of the failpoints, and after each again within the recovery, while that comes so far. */
async function killAll(failpoints: readonly string[], random: Random, deaths: Record<End, Set<string>>): Promise<void> {
  const drive = await CrashDrive.create(['alice', 'bob']);
  drives.push(drive);
  for (const [index, failpoint] of failpoints.entries()) {
    for (const armed of [failpoint, `${RECOVERY[index % RECOVERY.length]}:${1 + (index % 2)}`]) {
      const end = await liveAndDie(drive, armed, random);
      const [name] = armed.split(':') as [string];
      tally.killed(end === 'survived' ? 'any time, under load' : `${name}, in the ${end}`);
      deaths[end].add(name);
      await drive.assertTrueInDeath(`after ${armed} (${end}), seed ${SEED}`);
    }
  }
  await drive.recover();
  await drive.assertTrueAtRest(`at the end, seed ${SEED}`);
}

describe('kill -9 under a mixed load', () => {
  it(
    'at each step of upload and delete, and again within the recovery, breaks no promise',
    async () => {
      const random = new Random('failpoints');
      const everywhere = [...UPLOAD, ...IN_PARTS, ...DELETE].flatMap((name) => OCCURRENCES.map((n) => `${name}:${n}`));
      const schedule = amount(SHORT, random.shuffle(everywhere));
      const deaths = { recovery: new Set<string>(), load: new Set<string>(), survived: new Set<string>() };
      const chains = Array.from({ length: CHAINS }, (_, chain) =>
        schedule.filter((_name, at) => at % CHAINS === chain),
      );
      await together(chains.map((failpoints, chain) => killAll(failpoints, new Random(`failpoints ${chain}`), deaths)));
      expect(deaths.recovery.size).toBeGreaterThan(0);
      if (!FULL) return;
      expect([...deaths.load]).toEqual(expect.arrayContaining([...UPLOAD, ...IN_PARTS, ...DELETE]));
      expect([...deaths.recovery]).toEqual(expect.arrayContaining(RECOVERY));
    },
    PATIENCE_MS,
  );
});
