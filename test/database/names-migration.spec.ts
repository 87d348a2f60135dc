import { createHash } from 'node:crypto';
import { dataSourceOptions, type DatabaseSettings, MigratableDataSource, openDatabase } from '@app/database';
import { foldName, nameKey } from '@app/files';
import { expect, it } from 'vitest';
import { closing, onEachDatabase } from '../support/columns.js';
import { openProbe } from '../support/probe.js';
import { fileRow, userRow } from './rows.js';

/** As names were compared before. */
const oldFold = (name: string) => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** Columns that users have got since. */
const LATER = new Set(['receiptChain', 'receiptSequence', 'receiptHash', 'removedAt']);
const formerUser = (username: string) =>
  Object.fromEntries(Object.entries(userRow(username)).filter(([name]) => !LATER.has(name)));
const newKey = (name: string) => nameKey(foldName(name));

onEachDatabase('names of an older drive', (column) => {
  const closed = closing();

  /** A database as it was before the migration, with files of those names and removals that hold others. */
  async function older(names: readonly (readonly [owner: number, name: string])[], removals: readonly string[]) {
    const settings = (await column.empty()) as DatabaseSettings;
    const options = dataSourceOptions(settings);
    const dataSource = await new MigratableDataSource(options).initialize();
    await dataSource.runMigrations();
    while ((await dataSource.query("SELECT 1 FROM migrations WHERE name LIKE 'NamesWithoutIgnorables%'")).length > 0)
      await dataSource.undoLastMigration();
    await dataSource.destroy();
    const probe = closed(await openProbe(settings));
    const insert = (table: string, row: Record<string, unknown>) =>
      probe.run(
        `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
        Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value)) as (string | number)[],
      );
    for (const username of ['ada', 'bob']) await insert('users', formerUser(username));
    for (const [owner, name] of names) {
      const foldedName = oldFold(name);
      const key = { nameKey: sha256(foldedName), foldedName, storageKey: `${owner}/${name}` };
      await insert('files', fileRow(owner, name, key));
    }
    for (const name of removals)
      await insert('blobRemovals', {
        ...{ ownerId: 1, nameKey: sha256(oldFold(name)), storageId: 's', storageKey: `1/${name}` },
        ...{ attempts: 0, nextAttemptAt: 0, lastError: null, createdAt: 0 },
      });
    return { settings, probe };
  }

  it('are compared by the new rule, and those that are one now keep their old keys', async () => {
    const many = Array.from({ length: 1_100 }, (_, n) => [2, `file ${n}.txt`] as const);
    const { settings, probe } = await older(
      [
        ...many,
        [1, '\u2764\uFE0F.txt'],
        [1, '\u2764.txt'],
        [2, '\u2764\uFE0F.txt'],
        [1, 'A\u200Db'],
        [1, 'a\u200D\uFE0Fb'],
      ],
      ['gone \u2764\uFE0F.txt', 'plain.txt'],
    );
    closed(await openDatabase(settings));
    const rows = await probe.rows<{ ownerId: number; name: string; nameKey: string; foldedName: string }>(
      'SELECT ownerId, name, nameKey, foldedName FROM files ORDER BY id',
    );
    expect(rows.every(({ name, foldedName }) => foldedName === foldName(name))).toBe(true);
    const kept = rows.filter(({ name, nameKey: key }) => key !== newKey(name));
    expect(kept.map(({ ownerId, name, nameKey: key }) => [ownerId, name, key])).toEqual([
      [1, '\u2764\uFE0F.txt', sha256(oldFold('\u2764\uFE0F.txt'))],
      [1, 'a\u200D\uFE0Fb', sha256(oldFold('a\u200D\uFE0Fb'))],
    ]);
    expect(rows).toHaveLength(many.length + 5);
    const removals = await probe.rows<{ nameKey: string }>('SELECT nameKey FROM blobRemovals ORDER BY id');
    expect(removals.map(({ nameKey: key }) => key)).toEqual([newKey('gone \u2764.txt'), newKey('plain.txt')]);
  });
});
