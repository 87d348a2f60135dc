import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.js';

/** Several servers on real engines: the long form by `npm run test:cluster`, a short one without `CLUSTER=full`. */
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    ...base.test,
    projects: undefined,
    globalSetup: ['test/support/mariadb.setup.ts', 'test/support/ceph.setup.ts'],
    include: ['test/cluster/**/*.spec.ts'],
    maxWorkers: 1,
    hookTimeout: 300_000,
  },
});
