import type { FileType, Unit } from '@app/database';

/** So much of a file as it is counted by. */
export interface CountedFile {
  /** Lower case, without the dot; empty where there is none. */
  readonly extension: string;
  /** Bytes. */
  readonly size: number;
}

/** How many live files of an extension there are. */
export type TypeCount = Pick<FileType, 'extension' | 'files' | 'bytes'>;

const OF_TYPE = 'WHERE ownerId = ? AND extension = ?';
const MORE = `UPDATE fileTypes SET files = files + 1, bytes = bytes + ? ${OF_TYPE}`;
const FIRST = 'INSERT INTO fileTypes (bytes, ownerId, extension, files) VALUES (?, ?, ?, 1)';
const FEWER = `UPDATE fileTypes SET files = files - ?, bytes = bytes - ? ${OF_TYPE} AND files > ?`;
const LAST = `DELETE FROM fileTypes ${OF_TYPE}`;

const counted = (where: string) =>
  `SELECT ownerId, extension, COUNT(*) AS files, SUM(size) AS bytes FROM files WHERE state = 'live'${where} GROUP BY ownerId, extension`;
const BELONGS = ' AND ownerId = ?';

/** Counts all anew, of all owners or of one. */
export const RECOUNT_TYPES = [
  'DELETE FROM fileTypes',
  `INSERT INTO fileTypes (ownerId, extension, files, bytes) ${counted('')}`,
];
const RECOUNT_OF_ONE = [
  'DELETE FROM fileTypes WHERE ownerId = ?',
  `INSERT INTO fileTypes (ownerId, extension, files, bytes) ${counted(BELONGS)}`,
];

/** The owners whose counters are not what is there, in one statement: it sees one moment. */
export const MISCOUNTED = `
  SELECT DISTINCT ownerId FROM (
    SELECT ownerId, extension FROM (
      ${counted(' AND ownerId >= ? AND ownerId <= ?')}
      UNION ALL SELECT ownerId, extension, -files, -bytes FROM fileTypes WHERE ownerId >= ? AND ownerId <= ?
    ) AS sums GROUP BY ownerId, extension HAVING SUM(files) <> 0 OR SUM(bytes) <> 0
  ) AS miscounted`;

/** For a unit that has locked the account, as all of these. */
export async function countType(unit: Unit, ownerId: number, { extension, size }: CountedFile): Promise<void> {
  const values = [size, ownerId, extension];
  if ((await unit.change(MORE, values)) === 0) await unit.change(FIRST, values);
}

/** Of what there is none any more nothing stays: an extension is a part of a name. */
export async function discountTypes(unit: Unit, ownerId: number, files: readonly CountedFile[]): Promise<void> {
  const types = new Map<string, { files: number; bytes: number }>();
  for (const { extension, size } of files) {
    const { files: before, bytes } = types.get(extension) ?? { files: 0, bytes: 0 };
    types.set(extension, { files: before + 1, bytes: bytes + size });
  }
  for (const [extension, gone] of types) {
    const left = await unit.change(FEWER, [gone.files, gone.bytes, ownerId, extension, gone.files]);
    if (left === 0) await unit.change(LAST, [ownerId, extension]);
  }
}

export async function recountTypes(unit: Unit, ownerId: number): Promise<void> {
  for (const sql of RECOUNT_OF_ONE) await unit.change(sql, [ownerId]);
}
