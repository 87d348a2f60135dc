import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { describeWith } from './engines.js';
import { MariaDb } from './mariadb.js';
import type { DatabaseSettings } from './probe.js';
import { temporaryDirectory } from './temporary-directory.js';

/** One engine, for a suite that runs on each. */
export interface Column {
  readonly engine: 'sqlite' | 'mariadb';
  /** The settings of an empty database. */
  empty(): Promise<DatabaseSettings>;
  /** Ends the engine as a power cut would, where it is a process of its own, and starts it again. */
  crash(): Promise<void>;
}

/** Runs a suite on SQLite and on a private MariaDB, whatever `DB` says; what the tests opened is closed by `closing`. */
export function onEachDatabase(title: string, suite: (column: Column) => void): void {
  describe(`${title}, on SQLite`, () => {
    suite({
      engine: 'sqlite',
      empty: async () => ({ dataDir: temporaryDirectory() }),
      crash: async () => undefined,
    });
  });
  describeWith('mariadb', `${title}, on MariaDB`, () => {
    let server: MariaDb;
    beforeAll(async () => {
      server = await MariaDb.start();
    });
    afterAll(() => server.stop());
    suite({
      engine: 'mariadb',
      empty: async () => ({ dataDir: '/nonexistent', databaseUrl: await server.createDatabase() }),
      async crash() {
        await server.kill();
        await server.restart();
      },
    });
  });
}

/** Gives a function that takes what must be closed after each test, and hands it back. */
export function closing(): <Opened extends { close(): Promise<void> }>(opened: Opened) => Opened {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const opened of open.splice(0).toReversed()) await opened.close();
  });
  return (opened) => {
    open.push(opened);
    return opened;
  };
}
