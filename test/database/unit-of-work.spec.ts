import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Access,
  compileCascade,
  DatabaseUnavailableError,
  File,
  isForeignKeyViolation,
  isUniqueViolation,
  openDatabase,
  User,
} from '@app/database';
import { beforeEach, expect, it } from 'vitest';
import { closing, onEachDatabase } from '../support/columns.js';
import { type DatabaseSettings, openProbe, type Probe } from '../support/probe.js';
import { accessRow, addStorage, fileRow, userRow } from './rows.js';

onEachDatabase('the unit of work', (column) => {
  const closed = closing();
  let settings: DatabaseSettings;
  let probe: Probe;
  let database: Awaited<ReturnType<typeof openDatabase>>;

  beforeEach(async () => {
    settings = await column.empty();
    database = closed(await openDatabase(settings as never));
    probe = closed(await openProbe(settings));
  });

  const storages = async () =>
    (await probe.rows<{ id: string }>('SELECT id FROM storages ORDER BY id')).map((row) => row.id);

  it('commits 40 units that run side by side', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `unit-${index + 10}`);
    await Promise.all(ids.map((id) => database.units.run((unit) => addStorage(unit, id))));
    expect(await storages()).toEqual(ids);
  });

  it('counts exactly when 40 units change one row', async () => {
    await database.units.run((unit) => unit.manager.insert(User, userRow('ada')));
    const counting = Array.from({ length: 40 }, () =>
      database.units.run((unit) =>
        unit.change('UPDATE users SET usedFiles = usedFiles + 1 WHERE usedFiles < maxFiles', []),
      ),
    );
    const taken = await Promise.all(counting);
    expect(taken.filter((changed) => changed === 1)).toHaveLength(10);
    expect(await probe.rows('SELECT usedFiles FROM users')).toEqual([{ usedFiles: 10 }]);
  });

  it('leaves nothing of a unit that fails, and disturbs none of its neighbours', async () => {
    const units = Array.from({ length: 12 }, (_, index) =>
      database.units.run(async (unit) => {
        await addStorage(unit, `unit-${index + 10}`);
        await nextTurn();
        if (index % 3 === 1) throw new Error(`refused ${index}`);
        if (index % 3 === 2) await addStorage(unit, `unit-${index + 10}`);
        return index;
      }),
    );
    const outcomes = await Promise.allSettled(units);
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 3 === 0) expect(outcome).toEqual({ status: 'fulfilled', value: index });
      if (index % 3 === 1) expect(outcome).toMatchObject({ reason: { message: `refused ${index}` } });
      if (index % 3 === 2) expect(isUniqueViolation((outcome as PromiseRejectedResult).reason)).toBe(true);
    }
    expect(await storages()).toEqual(['unit-10', 'unit-13', 'unit-16', 'unit-19']);
  });

  it('tells nobody before COMMIT', async () => {
    const told = Array.from({ length: 30 }, async (_, index) => {
      await database.units.run((unit) => addStorage(unit, `unit-${index + 10}`));
      return storages();
    });
    for (const [index, seen] of (await Promise.all(told)).entries()) expect(seen).toContain(`unit-${index + 10}`);
  });

  it('is idle when everything that was asked for is settled', async () => {
    let settled = 0;
    const count = () => void settled++;
    for (let index = 0; index < 5; index++)
      void database.units.run((unit) => addStorage(unit, `i${index}`)).then(count);
    void database.units.run(() => Promise.reject(new Error('no'))).catch(count);
    await database.units.idle();
    expect(settled).toBe(6);
    expect(await storages()).toHaveLength(5);
  });

  it('finishes what was asked for before it is closed, and refuses what comes later', async () => {
    const early = Promise.all(['a', 'b'].map((id) => database.units.run((unit) => addStorage(unit, id))));
    await database.close();
    await early;
    const late = database.units.run((unit) => addStorage(unit, 'late'));
    await expect(late).rejects.toBeInstanceOf(DatabaseUnavailableError);
    expect(await storages()).toEqual(['a', 'b']);
  });

  it('counts the rows that a change found, also when it changed no value', async () => {
    await database.units.run((unit) => addStorage(unit, 'a'));
    const changed = await database.units.run((unit) =>
      unit.change("UPDATE storages SET kind = 'local' WHERE id = ?", ['a']),
    );
    expect(changed).toBe(1);
  });

  it('names a unique key and a missing parent', async () => {
    const twice = database.units.run((unit) => unit.manager.insert(User, [userRow('bob'), userRow('bob')]));
    await expect(twice.catch((error) => isUniqueViolation(error))).resolves.toBe(true);
    const orphan = database.units.run((unit) => unit.manager.insert(File, fileRow(99, 'x')));
    await expect(orphan.catch((error) => isForeignKeyViolation(error))).resolves.toBe(true);
  });

  it('gives the same values on each engine', async () => {
    const big = 2 ** 53 - 1;
    const ada = await database.units.run(async (unit) => {
      const { identifiers } = await unit.manager.insert(User, userRow('ada', { name: 'Ädä 🗄️', usedBytes: big }));
      const { identifiers: files } = await unit.manager.insert(
        File,
        fileRow(identifiers[0]!.id, 'é', { public: true }),
      );
      await unit.manager.insert(Access, accessRow(files[0]!.id, 'f'.repeat(32), { refusals: { expired: 2 } }));
      return identifiers[0]!.id as number;
    });
    expect(await database.reader.manager.findOneByOrFail(User, { id: ada })).toEqual({
      id: ada,
      ...userRow('ada', { name: 'Ädä 🗄️', usedBytes: big }),
    });
    const access = await database.reader.manager.findOneOrFail(Access, { where: {}, relations: { file: true } });
    expect(access).toMatchObject({
      ...accessRow(access.fileId, 'f'.repeat(32), { refusals: { expired: 2 } }),
      file: { name: 'é', public: true },
    });
    const raw =
      'SELECT usedBytes, createdAt, disabled, SUM(maxFiles) AS files, COUNT(*) AS n FROM users GROUP BY usedBytes, createdAt, disabled';
    expect(await database.reader.query(raw)).toEqual([
      { usedBytes: big, createdAt: 1_764_000_000_123, disabled: 0, files: 10, n: 1 },
    ]);
    for (const other of ['e', 'É', 'e\u0301'])
      expect(await database.reader.query('SELECT id FROM files WHERE name = ?', [other])).toEqual([]);
    expect(await database.reader.query('SELECT name FROM files WHERE public = ?', [true])).toEqual([{ name: 'é' }]);
  });

  it('keeps text that looks like SQL, and refuses text that does not fit', async () => {
    const name = `a\\'b"c;--%_\u0000d`;
    await database.units.run((unit) => unit.manager.insert(User, userRow('eve', { name })));
    expect(await probe.rows('SELECT name FROM users')).toEqual([{ name }]);
    if (column.engine === 'sqlite') return;
    await expect(database.units.run((unit) => unit.manager.insert(User, userRow('x'.repeat(33))))).rejects.toThrow(
      /too long/i,
    );
  });

  it('removes what goes with a file, however much it is', async () => {
    await database.units.run(async (unit) => {
      const { identifiers } = await unit.manager.insert(User, userRow('ada'));
      const { identifiers: files } = await unit.manager.insert(
        File,
        [1, 2].map((n) => fileRow(identifiers[0]!.id, `f${n}`)),
      );
      for (const file of files) {
        const links = Array.from({ length: 1500 }, (_, n) => accessRow(file.id, `${file.id}-${n}`));
        for (let from = 0; from < links.length; from += 500)
          await unit.manager.insert(Access, links.slice(from, from + 500));
      }
    });
    const [steps, first] = [
      compileCascade(database.reader, File),
      (await probe.rows<{ id: number }>('SELECT MIN(id) AS id FROM files'))[0]!.id,
    ];
    expect(steps.map((step) => step.entity)).toEqual(['Access']);
    expect(await database.units.run((unit) => unit.change(steps[0]!.sql, [first]))).toBe(1500);
    expect(await probe.rows('SELECT COUNT(*) AS n FROM accesses')).toEqual([{ n: 1500 }]);
  });
});
