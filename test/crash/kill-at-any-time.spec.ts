import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CrashDrive } from './support/crash-drive.js';
import { runLoad } from './support/load.js';
import { amount, PATIENCE_MS, Random, SEED, together } from './support/plan.js';
import { tally } from './support/report.js';

const CHAINS = amount(1, 4);
const KILLS = amount(2, 60);
/** Milliseconds of load after which the server is dead for certain. */
const LONGEST_MS = 600;
/** More than a load can do in that time. */
const ENDLESS = 1_000_000;

const drives: CrashDrive[] = [];
afterEach(() => Promise.all(drives.splice(0).map((drive) => drive.destroy())));

async function killAgainAndAgain(random: Random): Promise<void> {
  const drive = await CrashDrive.create(['alice', 'bob']);
  drives.push(drive);
  for (let kill = 1; kill <= KILLS; kill++) {
    await drive.start();
    // Every third time it does not even get to the end of its recovery.
    const recovers = kill % 3 !== 0;
    if (recovers) await drive.assertTrueAtRest(`before kill ${kill}, seed ${SEED}`);
    const time = random.below(recovers ? LONGEST_MS : 50);
    const load = recovers ? runLoad(drive, random, ENDLESS) : undefined;
    // The moment is the point: nothing is waited for.
    await delay(time);
    await drive.stop('SIGKILL');
    await load;
    tally.killed(recovers ? 'any time, under load' : 'any time, after a start');
    await drive.assertTrueInDeath(`after kill ${kill} at ${time} ms, seed ${SEED}`);
  }
  await drive.recover();
  await drive.assertTrueAtRest(`at the end, seed ${SEED}`);
}

describe('kill -9 at any time', () => {
  it(
    'breaks no promise',
    async () => {
      const chains = Array.from({ length: CHAINS }, (_, chain) => new Random(`any time ${chain}`));
      await together(chains.map(killAgainAndAgain));
      expect(tally.acknowledged).toBeGreaterThan(tally.kills);
    },
    PATIENCE_MS,
  );
});
