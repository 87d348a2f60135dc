import { createSecretKey } from 'node:crypto';
import { type Database, openDatabase, type UnitOfWork } from '@app/database';
import { SharedThrottles } from '@app/leases';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../support/engines.js';
import { type Gate, gate } from '../support/gate.js';
import { MariaDb } from '../support/mariadb.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const RATE = { points: 1, windowMs: 60_000 };
const SECRET = createSecretKey(Buffer.alloc(32, 7));

/** Real units of work that wait behind each try to take a point: there they say so, and go on when they are told to. */
function pausing(units: UnitOfWork, changed: Gate, goOn: Gate): UnitOfWork {
  const run: UnitOfWork['run'] = (work, committed) =>
    units.run((unit) => {
      const change = async (...statement: Parameters<typeof unit.change>) => {
        const rows = await unit.change(...statement);
        if (!/^\s*UPDATE throttles/.test(statement[0])) return rows;
        changed.open();
        await goOn.opened;
        return rows;
      };
      return work(Object.create(unit, { change: { value: change } }));
    }, committed);
  return Object.create(units, { run: { value: run } });
}

describeWith('mariadb', 'a limit of servers that share a drive, while one looks at it and another changes it', () => {
  let server: MariaDb;
  let directory: string;
  let url: string;
  let database: Database;
  beforeAll(async () => {
    server = await MariaDb.start();
    directory = temporaryDirectory();
    url = await server.createDatabase();
    database = await openDatabase({ dataDir: directory, databaseUrl: url });
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const limitOf = (units: UnitOfWork) => new SharedThrottles(units, SECRET).limit('log-in', RATE);

  const isWaiting = async () =>
    (await server.rowsAsRoot("SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")).length > 0;
  /** Who looks at that table more often than ten times a second is shown the same again. */
  const untilOr = (isOver: () => boolean) =>
    vi.waitUntil(async () => isOver() || (await isWaiting()), { timeout: 15_000, interval: 150 });

  /**
   * Takes when no point is left, and stops behind the try that failed. There another server begins to change the row; some
   * engines keep the row for whoever has tried, and then the other one waits.
   * @returns whether the other one came first, and what became of the taking
   */
  async function takeWhile(sql: string): Promise<[isChanged: boolean, outcome: string]> {
    await database.units.run((unit) => unit.change('DELETE FROM throttles', []));
    await limitOf(database.units).take('alice');
    const [tried, goOn] = [gate(), gate()];
    let [isOver, isChanged] = [false, false];
    const other = await createConnection(url);
    try {
      const taking = limitOf(pausing(database.units, tried, goOn))
        .take('alice')
        .then(() => 'taken')
        .catch((error: Error & { errorName?: string }) => error.errorName ?? error.message)
        .finally(() => (isOver = true));
      await tried.opened;
      await other.beginTransaction();
      const changing = other.query(sql).then(() => (isChanged = true));
      await untilOr(() => isChanged);
      const isFirst = isChanged;
      goOn.open();
      if (isFirst) await untilOr(() => isOver);
      else await taking;
      await changing;
      await other.commit();
      return [isFirst, await taking];
    } finally {
      goOn.open();
      await other.end();
    }
  }

  it.each([
    ['a point is given back', 'UPDATE throttles SET points = points - 1'],
    ['an admin forgets the tries', 'DELETE FROM throttles'],
  ])('knows it when meanwhile %s', async (_what, sql) => {
    for (let round = 0; round < 4; round += 1) {
      const [isFirst, outcome] = await takeWhile(sql);
      expect(outcome).toBe(isFirst ? 'taken' : 'tooManyRequests');
      expect(await limitOf(database.units).taken('alice')).toBe(isFirst ? 1 : 0);
    }
  });

  it('refuses when what the other one does leaves no point', async () => {
    expect((await takeWhile('UPDATE throttles SET expiresAt = expiresAt + 1'))[1]).toBe('tooManyRequests');
    expect(await limitOf(database.units).taken('alice')).toBe(1);
  });
});
