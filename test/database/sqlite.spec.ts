import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SQLITE_PACKAGE } from '@app/data-directory';
import { DatabaseFullError, openDatabase, Storage, type Unit } from '@app/database';
import { beforeEach, describe, expect, it } from 'vitest';
import { closing } from '../support/columns.js';
import { describeWith } from '../support/engines.js';
import { openProbe, type Probe } from '../support/probe.js';
import { outputOf, startScript } from '../support/script.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { addStorage, fileRow, userRow } from './rows.js';

describe('SQLite', () => {
  const closed = closing();
  let settings: { dataDir: string; databaseUrl: undefined };
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let probe: Probe;

  beforeEach(async () => {
    settings = { dataDir: temporaryDirectory(), databaseUrl: undefined };
    database = closed(await openDatabase(settings));
    probe = closed(await openProbe(settings));
  });

  const storages = async () =>
    (await probe.rows<{ id: string }>('SELECT id FROM storages ORDER BY id')).map((row) => row.id);
  const limitTo = (pages: number) => database.units.run((unit) => unit.rows(`PRAGMA max_page_count = ${pages}`, []));
  /** Half a megabyte, more than is left after `limitTo(1)`, which means as few pages as there are now. */
  const addMuch = (unit: Unit) =>
    unit.change("INSERT INTO storages (id, kind, createdAt) VALUES ('much', ?, 1)", ['x'.repeat(500_000)]);
  /** From now on SQLite itself rolls back the transaction in which a storage of this id is added. */
  const rollBackAt = (id: string) =>
    probe.run(
      `CREATE TRIGGER rollback_at BEFORE INSERT ON storages WHEN NEW.id = '${id}' BEGIN SELECT RAISE(ROLLBACK, 'by the engine'); END`,
    );
  const expectServiceAfter = async () => {
    await database.units.run((unit) => addStorage(unit, 'after'));
    await Promise.all([1, 2].map((n) => database.units.run((unit) => addStorage(unit, `later-${n}`))));
    expect(await storages()).toEqual(['after', 'later-1', 'later-2']);
  };

  it('is durable and checks foreign keys, also when the file is opened again', async () => {
    await database.close();
    const again = closed(await openDatabase(settings));
    for (const ask of [
      (sql: string) => again.reader.query(sql),
      (sql: string) => again.units.run((unit) => unit.rows(sql, [])),
    ]) {
      expect(await ask('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      expect(await ask('PRAGMA synchronous')).toEqual([{ synchronous: 2 }]);
      expect(await ask('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    }
  });

  it('fails a write that goes round the unit of work, and does not wait for it', async () => {
    const start = performance.now();
    const raw = database.reader.query("INSERT INTO storages (id, kind, createdAt) VALUES ('a', 'local', 1)");
    await expect(raw).rejects.toThrow(/readonly/);
    const saved = database.reader.manager.save(Storage, { id: 'a', kind: 'local', createdAt: 1 });
    await expect(saved).rejects.toThrow(/readonly/);
    expect(performance.now() - start).toBeLessThan(4_000); // less than SQLite would wait for another writer
    expect(await storages()).toEqual([]);
    expect(await database.reader.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says that the disk is full, and serves on when there is room', async () => {
    await limitTo(1);
    const batch = [1, 2, 3].map((n) =>
      database.units.run(async (unit) => {
        if (n === 2) await addMuch(unit);
        return n;
      }),
    );
    const outcomes = await Promise.allSettled(batch);
    for (const outcome of outcomes) expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(DatabaseFullError);
    expect(await storages()).toEqual([]);
    await limitTo(1_000_000);
    await expectServiceAfter();
  });

  it('fails the whole batch when the engine itself has rolled it back, and serves on', async () => {
    await rollBackAt('bad');
    const batch = ['a', 'bad', 'c'].map((id) => database.units.run((unit) => addStorage(unit, id)));
    for (const outcome of await Promise.allSettled(batch))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { driverError: { message: 'by the engine' } } });
    expect(await storages()).toEqual([]);
    await expectServiceAfter();
  });

  it('does not take a unit for refused or done that hides the rollback of the engine', async () => {
    await rollBackAt('bad');
    const hides = database.units.run(async (unit) => {
      await addStorage(unit, 'bad').catch(() => undefined);
      // Outside any transaction by now: it would stay.
      await addStorage(unit, 'stray').catch(() => undefined);
      return 'done';
    });
    const renames = database.units.run(async () => {
      throw new Error('an answer of its own');
    });
    await expect(hides).rejects.toThrow('by the engine');
    await expect(renames).rejects.toThrow('by the engine');
    expect(await storages()).toEqual([]);
    await expectServiceAfter();
  });

  it('changes nothing when COMMIT fails, and serves on', async () => {
    const mate = database.units.run((unit) => addStorage(unit, 'mate'));
    const orphan = database.units.run(async (unit) => {
      await unit.rows('PRAGMA defer_foreign_keys = ON', []);
      await unit.manager.insert('File', fileRow(77, 'f'));
    });
    await expect(orphan).rejects.toThrow('FOREIGN KEY constraint failed');
    await expect(mate).rejects.toThrow('FOREIGN KEY constraint failed');
    expect(await probe.rows('SELECT id FROM files')).toEqual([]);
    await expectServiceAfter();
  });

  it('gives an id that was rolled back to nobody before COMMIT', async () => {
    const failing = database.units.run(async (unit) => {
      await unit.manager.insert('User', userRow('ada'));
      throw new Error('refused');
    });
    const kept = database.units.run((unit) => unit.manager.insert('User', userRow('bob')));
    await expect(failing).rejects.toThrow('refused');
    expect((await kept).identifiers).toEqual(await probe.rows('SELECT id FROM users'));
  });

  it('waits for another process that writes, without blocking this one', async () => {
    const HOLD_MS = 1_000;
    const holder = spawn(process.execPath, ['-e', HOLDER, join(settings.dataDir, 'defdrive.sqlite'), `${HOLD_MS}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const [start, before] = [performance.now(), performance.eventLoopUtilization()];
    await database.units.run((unit) => addStorage(unit, 'patient'));
    expect(performance.now() - start).toBeGreaterThan(HOLD_MS / 2);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.8);
    expect(await storages()).toEqual(['held', 'patient']);
    if (holder.exitCode === null) await once(holder, 'exit');
  });
});

describeWith('strace', 'SQLite on a disk that fails', (strace) => {
  it('ends the process when the outcome of COMMIT is unknown, and the next start decides', async () => {
    const dataDir = temporaryDirectory();
    const child = startScript('test/database/write.script.ts', JSON.stringify({ dataDir }));
    await once(child.stdout!, 'data');
    const tracer = spawn(strace, [
      '-fqq',
      '--output=/dev/null',
      `--attach=${child.pid}`,
      '--trace=fsync,fdatasync',
      '--inject=fsync,fdatasync:error=EIO',
    ]);
    await traced(child.pid!);
    const output = outputOf(child);
    child.stdin!.end();
    await expect(output).rejects.toThrow(/^exit 1:(?!.*told)/s);
    if (tracer.exitCode === null) await once(tracer, 'exit');
    const database = await openDatabase({ dataDir, databaseUrl: undefined });
    await database.units.run((unit) => addStorage(unit, 'after'));
    await database.close();
  });
});

/** Resolves when every thread of a process is traced. */
async function traced(pid: number): Promise<void> {
  const threads = () => readdirSync(`/proc/${pid}/task`);
  const isTraced = (thread: string) =>
    !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'));
  while (!threads().every(isTraced)) await nextTurn();
}

const HOLDER = `
  const database = new (require('${SQLITE_PACKAGE}'))(process.argv[1]);
  database.exec("BEGIN IMMEDIATE; INSERT INTO storages (id, kind, createdAt) VALUES ('held', 'local', 1)");
  process.stdout.write('held');
  setTimeout(() => database.exec('COMMIT'), Number(process.argv[2]));
`;
