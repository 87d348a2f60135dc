import { writeSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { engine, enginesRequired, missing } from './engines.js';
import { MariaDb } from './mariadb.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where databases for tests are made; none with `DB=sqlite`. */
    databaseServer: string | undefined;
  }
}

/**
 * `DB=mariadb`: one server for the whole run. Without MariaDB on the machine the run is skipped with one line, since
 * `DB=sqlite` has covered everything else, or fails with `REQUIRE_ENGINES=1`. `TEST_DATABASE_SERVER` is the URL of another
 * server, of any version, whose user may make databases (scripts/test-engines.mjs).
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const column = process.env.DB ?? 'sqlite';
  if (!['sqlite', 'mariadb'].includes(column)) throw new Error('DB must be sqlite or mariadb');
  if (column === 'sqlite') {
    project.provide('databaseServer', undefined);
    return undefined;
  }
  const { TEST_DATABASE_SERVER: other } = process.env;
  if (other) {
    project.provide('databaseServer', other);
    return undefined;
  }
  if (!engine('mariadb')) {
    const line = missing('DB=mariadb', 'mariadb');
    if (enginesRequired()) throw new Error(line);
    writeSync(2, `${line}\n`);
    process.exit(0);
  }
  const server = await MariaDb.start();
  project.provide('databaseServer', server.url(''));
  return () => server.stop();
}
