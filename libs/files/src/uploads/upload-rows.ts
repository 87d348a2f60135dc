import type { FileState, Unit, Upload } from '@app/database';
import type { DataSource } from 'typeorm';

/** An upload, with what is known of the file that it becomes. */
export type UploadRecord = NewUpload & {
  /** `live` once it is finished; none once it has ended. */
  readonly state: FileState | null;
  readonly name: string | null;
};

/** Milliseconds for which the address of an upload that has ended says so. */
const ENDED_KEPT_MS = 24 * 3_600_000;

const RECORD = `
  SELECT u.id, u.ownerId, u.fileId, u.length, u.received, u.reserved, u.metadata, u.expiresAt, f.state, f.name
  FROM uploads u LEFT JOIN files f ON f.id = u.fileId`;
const COLUMNS = ['id', 'ownerId', 'fileId', 'length', 'received', 'reserved', 'metadata', 'expiresAt'] as const;
const INSERT = `INSERT INTO uploads (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

export type NewUpload = Omit<Upload, 'owner' | 'file' | 'wanted'>;

export async function insertUpload(unit: Unit, upload: NewUpload): Promise<void> {
  await unit.change(
    INSERT,
    COLUMNS.map((name) => upload[name]),
  );
}

export async function findUpload(dataSource: DataSource, id: string): Promise<UploadRecord | undefined> {
  const [row] = await dataSource.query<UploadRecord[]>(`${RECORD} WHERE u.id = ?`, [id]);
  return row;
}

/** The unfinished upload that holds a name. */
export async function findUploadOfName(
  dataSource: DataSource,
  ownerId: number,
  nameKey: string,
): Promise<UploadRecord | undefined> {
  const sql = `${RECORD} WHERE f.ownerId = ? AND f.nameKey = ? AND f.state = 'pending'`;
  const [row] = await dataSource.query<UploadRecord[]>(sql, [ownerId, nameKey]);
  return row;
}

/** An owner's unfinished uploads, in the order of their beginning. There are at most as many as the bound of them says. */
export function unfinishedOf(dataSource: DataSource, ownerId: number): Promise<UploadRecord[]> {
  return dataSource.query(`${RECORD} WHERE u.ownerId = ? AND u.reserved IS NOT NULL ORDER BY u.fileId`, [ownerId]);
}

/**
 * Uploads whose time is over, whatever has become of them.
 * @param now milliseconds
 */
export function overdue(dataSource: DataSource, now: number, limit: number): Promise<UploadRecord[]> {
  return dataSource.query(`${RECORD} WHERE u.expiresAt <= ? ORDER BY u.expiresAt LIMIT ${limit}`, [now]);
}

/** Unfinished uploads of users who are shut out. */
export function abandoned(dataSource: DataSource, limit: number): Promise<UploadRecord[]> {
  const shutOut = 'JOIN users o ON o.id = u.ownerId WHERE o.disabled = 1 AND u.reserved IS NOT NULL';
  return dataSource.query(`${RECORD} ${shutOut} LIMIT ${limit}`);
}

/** Uploads whose bytes are all there, and of which no file was made: something came between. */
export function wholeButUnpublished(dataSource: DataSource): Promise<UploadRecord[]> {
  return dataSource.query(`${RECORD} WHERE u.reserved IS NOT NULL AND u.received = u.length`);
}

/** An offset that was told never shrinks; and whoever has lost the upload to another server tells none. */
const SAVE_OFFSET = `
  UPDATE uploads SET received = ?, expiresAt = ?
  WHERE id = ? AND received <= ? AND length >= ? AND reserved IS NOT NULL
  AND EXISTS (SELECT 1 FROM files f WHERE f.id = uploads.fileId AND f.serverId = ?)`;

/**
 * @param serverId of whoever has the upload
 * @returns whether the upload is still there to go on with
 */
export async function saveOffset(
  unit: Unit,
  { id }: Pick<UploadRecord, 'id'>,
  { received, expiresAt }: Pick<UploadRecord, 'received' | 'expiresAt'>,
  serverId: string,
): Promise<boolean> {
  return (await unit.change(SAVE_OFFSET, [received, expiresAt, id, received, received, serverId])) === 1;
}

/** The upload of this file has become it, and holds no room of its own any more. */
export async function markFinished(unit: Unit, fileId: number): Promise<void> {
  await unit.change('UPDATE uploads SET reserved = NULL WHERE fileId = ?', [fileId]);
}

/**
 * The upload of this file has ended, and its address says so for a while. No name is kept.
 * @param now milliseconds
 * @returns whether there was one
 */
export async function markEnded(unit: Unit, fileId: number, now: number): Promise<boolean> {
  const sql = "UPDATE uploads SET fileId = NULL, reserved = NULL, metadata = '', expiresAt = ? WHERE fileId = ?";
  return (await unit.change(sql, [now + ENDED_KEPT_MS, fileId])) > 0;
}

/** Forgets an upload that has ended. */
export async function deleteUpload(unit: Unit, id: string): Promise<void> {
  await unit.change('DELETE FROM uploads WHERE id = ? AND fileId IS NULL', [id]);
}

/**
 * From now on nobody goes on with the upload, and the server ends it soon.
 * @returns whether there is such an upload that has not ended
 */
export async function markDue(unit: Unit, id: string): Promise<boolean> {
  return (await unit.change('UPDATE uploads SET expiresAt = 0 WHERE id = ? AND fileId IS NOT NULL', [id])) === 1;
}
