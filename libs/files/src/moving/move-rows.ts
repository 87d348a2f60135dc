import { type BlobRemoval, type File, type Unit, UnitOfWork } from '@app/database';
import type { DataSource } from 'typeorm';
import { insertRemoval, listOf, type NewRemoval } from '../file-rows.js';
import { foldName, nameKey } from '../file-name.js';
import { CopyStoppedError } from './copies-under-way.js';

/** A live file that is still in the former storage. */
export type FileToMove = Pick<File, 'id' | 'ownerId' | 'name' | 'storageId' | 'storageKey' | 'size' | 'sha256'> & {
  readonly username: string;
};

/** The removal of a copy that is being made: it is carried out unless the file takes the copy over. */
export type Intent = Pick<BlobRemoval, 'id' | 'fileId' | 'storageId' | 'storageKey' | 'nextAttemptAt'>;

type Place = Pick<Intent, 'storageId' | 'storageKey'>;

/** Files read at once. */
const PAGE = 100;
/** Milliseconds for which the workers leave a copy to whoever makes it; it is renewed long before. */
const HELD_MS = 1_800_000;
export const RENEW_EVERY_MS = 300_000;

/** All live files of a storage, but for those that somebody copies already. */
export async function* filesToMove(dataSource: DataSource, from: string, to: string): AsyncGenerator<FileToMove> {
  const sql = `
    SELECT f.id, f.ownerId, f.name, f.storageId, f.storageKey, f.size, f.sha256, u.username
    FROM files f JOIN users u ON u.id = f.ownerId
    WHERE f.id > ? AND f.state = 'live' AND f.storageId = ? ORDER BY f.id LIMIT ${PAGE}`;
  for (let after = 0; ;) {
    const page = await dataSource.query<FileToMove[]>(sql, [after, from]);
    if (page.length === 0) return;
    const { marks, values } = listOf(page.map(({ id }) => id));
    const held = `SELECT fileId FROM blobRemovals WHERE storageId = ? AND fileId IN (${marks})`;
    const copied = await dataSource.query<{ fileId: number }[]>(held, [to, ...values]);
    const underWay = new Set(copied.map(({ fileId }) => fileId));
    yield* page.filter(({ id }) => !underWay.has(id));
    after = page.at(-1)!.id;
  }
}

/** What is left in a storage: live files, their bytes, and uploads that are not finished. */
export async function leftIn(dataSource: DataSource, storageId: string) {
  const sql = 'SELECT state, COUNT(*) AS files, SUM(size) AS bytes FROM files WHERE storageId = ? GROUP BY state';
  type Row = { state: File['state']; files: number | string; bytes: number | string | null };
  const rows = await dataSource.query<Row[]>(sql, [storageId]);
  const of = (state: File['state']) => rows.find((row) => row.state === state);
  const [live, pending] = [of('live'), of('pending')];
  return { files: Number(live?.files ?? 0), bytes: Number(live?.bytes ?? 0), unfinished: Number(pending?.files ?? 0) };
}

/** Copies that were not taken over, of files that are still where they were. */
export function intentsIn(dataSource: DataSource, from: string, to: string): Promise<Intent[]> {
  return dataSource.query(
    `SELECT r.id, r.fileId, r.storageId, r.storageKey, r.nextAttemptAt FROM blobRemovals r JOIN files f ON f.id = r.fileId
     WHERE r.storageId = ? AND f.storageId = ? AND f.state = 'live'`,
    [to, from],
  );
}

/**
 * Notes, before there is a byte of it, that a copy is to go again. Under the lock of its file, so that a delete either finds it
 * or has been first.
 * @throws CopyStoppedError when the file is gone
 */
export async function insertIntent(units: UnitOfWork, file: FileToMove, place: Place): Promise<Intent> {
  const draft = removalOf(file, place, HELD_MS);
  const id = await units.run(async (unit) => {
    const sql = `SELECT id FROM files WHERE id = ? AND state = 'live' AND storageKey = ?${unit.forUpdate}`;
    if ((await unit.rows(sql, [file.id, file.storageKey])).length === 0) throw new CopyStoppedError('The file is gone');
    return insertRemoval(unit, draft);
  });
  return { ...draft, id };
}

/** The removal of bytes of a file. @param heldMs milliseconds for which the workers leave them */
function removalOf({ id: fileId, ownerId, name }: FileToMove, place: Place, heldMs: number): NewRemoval {
  const { storageId, storageKey } = place;
  const createdAt = Date.now();
  const first = { attempts: 0, nextAttemptAt: createdAt + heldMs, lastError: null, createdAt };
  return { ownerId, fileId, nameKey: nameKey(foldName(name)), storageId, storageKey, ...first };
}

/**
 * Holds on to a copy.
 * @throws CopyStoppedError when somebody has taken its removal
 */
export async function renewIntent(units: UnitOfWork, intent: Intent): Promise<Intent> {
  const nextAttemptAt = Date.now() + HELD_MS;
  if (!(await setDue(units, intent, nextAttemptAt))) throw new CopyStoppedError('Somebody has taken the copy');
  return { ...intent, nextAttemptAt };
}

/**
 * Takes the intent of a mover that is dead, so that he cannot take his copy over any more.
 * @param due until when the workers leave it: one that found it due would drop it before his last requests have arrived
 * @returns whether it was still his
 */
export function takeIntent(units: UnitOfWork, intent: Intent, due: number): Promise<boolean> {
  return setDue(units, intent, due);
}

/** Leaves the removal of a copy that is undone until nothing can still arrive that its maker has asked for; its file is free to be copied anew. */
export async function removeAgain(units: UnitOfWork, { id }: Intent, due: number): Promise<void> {
  const sql = 'UPDATE blobRemovals SET fileId = NULL, nextAttemptAt = ? WHERE id = ?';
  await units.run((unit) => unit.change(sql, [due, id]));
}

/** @returns whether it was due when the intent says: else somebody else has had it in hands */
async function setDue(units: UnitOfWork, { id, nextAttemptAt }: Intent, due: number): Promise<boolean> {
  const sql = 'UPDATE blobRemovals SET nextAttemptAt = ? WHERE id = ? AND nextAttemptAt = ?';
  return (await units.run((unit) => unit.change(sql, [due, id, nextAttemptAt]))) === 1;
}

/**
 * Makes the copy the file's bytes, and notes that its old ones are to go: all of it, if the file is still the same and the
 * copy is still its maker's, or nothing.
 * @returns the removal of the old bytes
 * @throws CopyStoppedError when the file is gone, or somebody has taken the copy
 */
export function takeOver(units: UnitOfWork, file: FileToMove, intent: Intent): Promise<Intent> {
  return units.run(
    (unit) => takeOverWithin(unit, file, intent),
    async (unit) => {
      const sql = `SELECT id FROM files WHERE id = ? AND storageId = ? AND storageKey = ?${unit.forUpdate}`;
      return (await unit.rows(sql, [file.id, intent.storageId, intent.storageKey])).length === 1;
    },
  );
}

async function takeOverWithin(unit: Unit, file: FileToMove, intent: Intent): Promise<Intent> {
  const switched = await unit.change(
    `UPDATE files SET storageId = ?, storageKey = ?
     WHERE id = ? AND state = 'live' AND storageId = ? AND storageKey = ? AND sha256 = ?`,
    [intent.storageId, intent.storageKey, file.id, file.storageId, file.storageKey, file.sha256],
  );
  if (switched !== 1) throw new CopyStoppedError('The file is gone');
  const taken = await unit.change('DELETE FROM blobRemovals WHERE id = ? AND nextAttemptAt = ?', [
    intent.id,
    intent.nextAttemptAt,
  ]);
  if (taken !== 1) throw new CopyStoppedError('Somebody has taken the copy');
  const old = removalOf(file, file, 0);
  return { ...old, id: await insertRemoval(unit, old) };
}
