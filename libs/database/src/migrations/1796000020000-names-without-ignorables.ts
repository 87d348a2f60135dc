import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows read at once. */
const PAGE = 1000;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;

interface Named {
  readonly id: number;
  readonly ownerId: number;
  readonly name: string;
  readonly nameKey: string;
}
type Fold = (name: string) => string;

/**
 * Names are compared without the code points that are not seen, so that look-alikes are one name. Of files that are now
 * one, the first gets the new key and the others keep their old one: none is lost, and the check reports them.
 *
 * A migration stays as it was, so the rule of file-name.ts is repeated here.
 */
export class NamesWithoutIgnorables1796000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await rename(runner, (name) => fold(name.normalize('NFKC').replace(new RegExp(IGNORABLE, 'gu'), '')));
  }

  async down(runner: QueryRunner): Promise<void> {
    await rename(runner, (name) => fold(name.normalize('NFKC')));
  }
}

const fold: Fold = (name) => name.toUpperCase().toLowerCase().normalize('NFC');
const keyOf: Fold = (folded) => createHash('sha256').update(folded).digest('hex');

async function rename(runner: QueryRunner, foldName: Fold): Promise<void> {
  for await (const file of named(runner, 'files', 'name')) {
    const folded = foldName(file.name);
    const key = keyOf(folded);
    await runner.query('UPDATE files SET foldedName = ? WHERE id = ?', [folded, file.id]);
    if (key === file.nameKey || (await isTaken(runner, file.ownerId, key))) continue;
    await runner.query('UPDATE files SET nameKey = ? WHERE id = ?', [key, file.id]);
  }
  // A removal has only the key of its storage, which ends with the name; several may hold one name.
  for await (const { id, name } of named(runner, 'blobRemovals', 'storageKey')) {
    const key = keyOf(foldName(name.slice(name.lastIndexOf('/') + 1)));
    await runner.query('UPDATE blobRemovals SET nameKey = ? WHERE id = ?', [key, id]);
  }
}

/** The rows whose names have something that is not seen; there are few. */
async function* named(runner: QueryRunner, table: string, column: string): AsyncGenerator<Named> {
  for (let after = 0; ;) {
    const rows: Named[] = await runner.query(
      `SELECT id, ownerId, nameKey, ${column} AS name FROM ${table} WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
      [after],
    );
    if (rows.length === 0) return;
    for (const row of rows) if (IGNORABLE.test(row.name.normalize('NFKC'))) yield row;
    after = rows.at(-1)!.id;
  }
}

async function isTaken(runner: QueryRunner, ownerId: number, key: string): Promise<boolean> {
  const rows: unknown[] = await runner.query('SELECT 1 FROM files WHERE ownerId = ? AND nameKey = ?', [ownerId, key]);
  return rows.length > 0;
}
