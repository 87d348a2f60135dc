import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

/** Of this run; printed with its report, and given again to play the run again. */
const seed = (process.env.CRASH_SEED ??= String(Date.now() % 1_000_000));

/** The whole of the crash tests, with a report: `npm run test:crash`. */
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    ...base.test,
    projects: undefined,
    include: ['test/crash/**/*.spec.ts'],
    globalSetup: ['test/support/mariadb.setup.ts', 'test/crash/support/report.setup.ts'],
    env: { CRASH: 'full', CRASH_SEED: seed },
    maxWorkers: 2,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
