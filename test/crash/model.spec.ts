import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import { COMMANDS } from './support/commands.js';
import type { Model, Real } from './support/model.js';
import { amount, PATIENCE_MS, SEED } from './support/plan.js';

describeWith('strace-attach', 'a drive and its model', (strace) => {
  it(
    'agree after any commands, kills and faults',
    async () => {
      const template = await CrashDrive.create(['alice', 'bob']);
      const fresh = () => (testEngine() === 'sqlite' ? template.copy() : CrashDrive.create(['alice', 'bob']));
      const property = fc.asyncProperty(
        fc.commands(COMMANDS, { maxCommands: amount(12, 40), size: 'max' }),
        async (commands) => {
          const real: Real = { drive: await fresh(), strace, fault: undefined };
          try {
            expect(await real.drive.start()).toBeUndefined();
            const model: Model = { people: 2, files: 0, links: 0, uploads: 0, trouble: undefined };
            await fc.asyncModelRun(() => ({ model, real }), commands);
            await real.fault?.off();
            await real.drive.stop();
            await real.drive.recover();
            await real.drive.assertTrueAtRest('at the end of the commands');
          } finally {
            await real.fault?.off();
            await real.drive.destroy();
          }
        },
      );
      try {
        // A failure prints its seed; with CRASH_SEED and CRASH_PATH just that run is played again.
        await fc.assert(property, {
          seed: SEED,
          path: process.env.CRASH_PATH,
          numRuns: amount(2, 25),
          endOnFailure: true,
        });
      } finally {
        await template.destroy();
      }
    },
    PATIENCE_MS,
  );
});
