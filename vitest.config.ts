import { defineConfig } from 'vitest/config';

/** They compare times, live by short ones or measure memory, and so run after the others, one by one. */
const ALONE = [
  'apps/api/src/body-pace.spec.ts',
  'apps/api/src/downloads.spec.ts',
  'libs/storage/src/spent-chunks.spec.ts',
  'test/crash/abuse.spec.ts',
  'test/crash/cost.spec.ts',
  'test/crash/hold.spec.ts',
  'test/database/server-death.spec.ts',
  'test/e2e/access-pages.spec.ts',
  'test/e2e/fair-places.spec.ts',
  'test/e2e/hardening.spec.ts',
  'test/e2e/login.spec.ts',
  'test/e2e/removals-fair.spec.ts',
  'test/e2e/search-beside.spec.ts',
  'test/servers/leases.spec.ts',
];

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    pool: 'forks',
    globalSetup: ['test/support/mariadb.setup.ts', 'test/support/ceph.setup.ts'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is awaited comes at once on an idle machine, and may take long on a busy one: a second, as is usual, is no verdict.
    expect: { poll: { timeout: 20_000 } },
    coverage: { include: ['apps/**/*.ts', 'libs/**/*.ts'], reporter: ['text-summary', 'html'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/**/*.spec.ts'],
          // Several servers have a run of their own.
          exclude: [...ALONE, 'test/cluster/**'],
          // They wait for disks, databases and browsers more than for a processor.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
