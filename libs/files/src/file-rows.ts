import { BlobRemoval, File, type Unit } from '@app/database';
import type { DataSource } from 'typeorm';

/**
 * The statements of the hottest paths, written out: composing them anew, and making entities of their rows, takes TypeORM
 * longer than they take the database (docs/decisions/0050-statements-written-out.md). Elsewhere its own form is right.
 */
const LIVE_FILE = "SELECT * FROM files WHERE id = ? AND state = 'live'";
const FILE = 'SELECT * FROM files WHERE id = ?';
const IS_LIVE = "SELECT 1 FROM files WHERE id = ? AND state = 'live'";
const REMOVAL = 'SELECT * FROM blobRemovals WHERE id = ? AND storageId = ?';
const HOLDS_NAME = 'SELECT 1 FROM blobRemovals WHERE ownerId = ? AND nameKey = ?';
const INSERT_FILE = `
  INSERT INTO files (ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey, size, sha256, public, createdAt, updatedAt)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_REMOVAL = `
  INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

export type NewFile = Omit<File, 'id' | 'owner' | 'accesses'>;
export type NewRemoval = Omit<BlobRemoval, 'id'>;

/** A row of `files` as the drivers give it; the other columns are as the entity has them. */
export type FileRow<Columns extends keyof File> = Pick<File, Exclude<Columns, 'public'>> & { public: 0 | 1 };

/** The entity, or so much of it as was read. */
export function fileOf<Columns extends keyof File>(row: FileRow<Columns>): Pick<File, Columns> {
  return { ...row, public: row.public === 1 } as unknown as Pick<File, Columns>;
}

export async function findLiveFile(dataSource: DataSource, id: number): Promise<File | undefined> {
  const [row] = await dataSource.query<FileRow<keyof File>[]>(LIVE_FILE, [id]);
  return row && fileOf(row);
}

/** A file that this unit has just written. */
export async function readFile(unit: Unit, id: number): Promise<File> {
  const [row] = await unit.rows<FileRow<keyof File>>(FILE, [id]);
  if (!row) throw new Error('The file that was written is gone');
  return fileOf(row);
}

export async function isLive(dataSource: DataSource, id: number): Promise<boolean> {
  return (await dataSource.query<unknown[]>(IS_LIVE, [id])).length > 0;
}

export async function findRemoval(
  dataSource: DataSource,
  id: number,
  storageId: string,
): Promise<BlobRemoval | undefined> {
  const [row] = await dataSource.query<BlobRemoval[]>(REMOVAL, [id, storageId]);
  return row;
}

/** Whether the bytes of a deleted file still hold this name. */
export async function isNameHeld(unit: Unit, ownerId: number, nameKey: string): Promise<boolean> {
  return (await unit.rows(HOLDS_NAME, [ownerId, nameKey])).length > 0;
}

/** @returns the id */
export function insertFile(unit: Unit, file: NewFile): Promise<number> {
  const { ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey } = file;
  const { size, sha256, public: isPublic, createdAt, updatedAt } = file;
  const keys = [ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey];
  return unit.insert(INSERT_FILE, [...keys, size, sha256, isPublic, createdAt, updatedAt]);
}

/** @returns the id */
export function insertRemoval(unit: Unit, removal: NewRemoval): Promise<number> {
  const { ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt } = removal;
  const values = [ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt];
  return unit.insert(INSERT_REMOVAL, values);
}
