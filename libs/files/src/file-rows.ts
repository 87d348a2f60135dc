import { BlobRemoval, File, type Unit } from '@app/database';
import type { NewReceipt } from './receipts/receipt-chain.js';
import type { DataSource } from 'typeorm';

/**
 * The statements of the hottest paths, written out: composing them anew, and making entities of their rows, takes TypeORM
 * longer than they take the database (docs/decisions/0050-statements-written-out.md). Elsewhere its own form is right.
 */
const LIVE_FILE = "SELECT * FROM files WHERE id = ? AND state = 'live'";
const FILE = 'SELECT * FROM files WHERE id = ?';
const IS_LIVE = "SELECT 1 FROM files WHERE id = ? AND state = 'live'";
const REMOVAL = 'SELECT * FROM blobRemovals WHERE id = ?';
const HAS_NAME = 'SELECT 1 FROM files WHERE ownerId = ? AND nameKey = ?';
const HOLDS_NAME = 'SELECT 1 FROM blobRemovals WHERE ownerId = ? AND nameKey = ? AND storageId = ?';

export type NewFile = Omit<File, 'id' | 'owner' | 'accesses'>;
export type NewRemoval = Omit<BlobRemoval, 'id'>;

/** All of them, or it does not compile. */
const FILE_COLUMNS: Record<keyof NewFile, true> = {
  ownerId: true,
  name: true,
  nameKey: true,
  foldedName: true,
  extension: true,
  state: true,
  serverId: true,
  storageId: true,
  storageKey: true,
  size: true,
  sha256: true,
  public: true,
  createdAt: true,
  updatedAt: true,
};
const REMOVAL_COLUMNS: Record<keyof NewRemoval, true> = {
  ownerId: true,
  fileId: true,
  nameKey: true,
  storageId: true,
  storageKey: true,
  attempts: true,
  nextAttemptAt: true,
  lastError: true,
  createdAt: true,
};

/** A row of `files` as the drivers give it; the other columns are as the entity has them. */
export type FileRow<Columns extends keyof File> = Pick<File, Exclude<Columns, 'public'>> & { public: 0 | 1 };

/** The entity, or so much of it as was read; the row itself becomes it. */
export function fileOf<Columns extends keyof File>(row: FileRow<Columns>): Pick<File, Columns> {
  return Object.assign(row, { public: row.public === 1 }) as unknown as Pick<File, Columns>;
}

export async function findLiveFile(dataSource: DataSource, id: number): Promise<File | undefined> {
  const [row] = await dataSource.query<FileRow<keyof File>[]>(LIVE_FILE, [id]);
  return row && fileOf(row);
}

export async function findLiveFiles(dataSource: DataSource, ids: readonly number[]): Promise<File[]> {
  const { marks, values } = listOf(ids);
  const sql = `SELECT * FROM files WHERE state = 'live' AND id IN (${marks})`;
  return (await dataSource.query<FileRow<keyof File>[]>(sql, values)).map((row) => fileOf(row));
}

/**
 * What stands in the brackets of an IN. It is filled up to a power of two with its last value, so that there are few
 * statements to prepare.
 */
export function listOf<Value>(values: readonly Value[]): { marks: string; values: Value[] } {
  const length = 2 ** Math.ceil(Math.log2(values.length));
  const filled = [...values, ...Array<Value>(length - values.length).fill(values.at(-1)!)];
  return { marks: filled.map(() => '?').join(', '), values: filled };
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

export async function findRemoval(dataSource: DataSource, id: number): Promise<BlobRemoval | undefined> {
  const [row] = await dataSource.query<BlobRemoval[]>(REMOVAL, [id]);
  return row;
}

type Name = Pick<File, 'ownerId' | 'nameKey' | 'storageId'>;

/** Whether the bytes of a deleted file still hold this name in this storage, whose keys are used again. */
export async function isNameHeld(unit: Unit, { ownerId, nameKey, storageId }: Name): Promise<boolean> {
  return (await unit.rows(HOLDS_NAME, [ownerId, nameKey, storageId])).length > 0;
}

/** Whether no file, upload or bytes of a deleted file have this name, for the moment. */
export async function isNameFree(dataSource: DataSource, { ownerId, nameKey, storageId }: Name): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>(`${HAS_NAME} UNION ALL ${HOLDS_NAME}`, [
    ...[ownerId, nameKey],
    ...[ownerId, nameKey, storageId],
  ]);
  return rows.length === 0;
}

const RECEIPT_COLUMNS: Record<keyof NewReceipt, true> = {
  fileId: true,
  ownerId: true,
  sequence: true,
  chain: true,
  size: true,
  sha256: true,
  accesses: true,
  downloadsEnded: true,
  deletedAt: true,
  bytesGoneAt: true,
  previousHash: true,
  hash: true,
};

/** Rows of one statement at most. */
const AT_ONCE = 256;

/** Writes rows of a table: one, and gives the id that the database has made for it; or any number. */
const insertionInto = <Row extends object>(table: string, columns: Record<keyof Row, true>) => {
  const names = Object.keys(columns) as (keyof Row)[];
  const marks = `(${names.map(() => '?').join(', ')})`;
  const sql = (count: number) =>
    `INSERT INTO ${table} (${names.join(', ')}) VALUES ${Array(count).fill(marks).join(', ')}`;
  const one = sql(1);
  const values = (row: Row) => names.map((name) => row[name]);
  return {
    one: (unit: Unit, row: Row) => unit.insert(one, values(row)),
    /** In powers of two, so that there are few statements to prepare. */
    many: async (unit: Unit, rows: readonly Row[]) => {
      for (let start = 0, count = AT_ONCE; start < rows.length; start += count) {
        while (count > rows.length - start) count /= 2;
        await unit.change(sql(count), rows.slice(start, start + count).flatMap(values));
      }
    },
  };
};

export const insertFile = insertionInto<NewFile>('files', FILE_COLUMNS).one;
export const { one: insertRemoval, many: insertRemovals } = insertionInto<NewRemoval>('blobRemovals', REMOVAL_COLUMNS);
export const { one: insertReceipt, many: insertReceipts } = insertionInto<NewReceipt>('receipts', RECEIPT_COLUMNS);
