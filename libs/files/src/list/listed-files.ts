import type { File } from '@app/database';
import { fileOf, type FileRow } from '../file-rows.js';
import type { ListOrder, Term } from './list-order.js';

/** Only what a list shows: the other columns are the longer half of a row. */
const LISTED = ['id', 'name', 'size', 'sha256', 'public', 'createdAt', 'updatedAt'] as const;
type Listed = (typeof LISTED)[number];

export type ListedFile = Pick<File, Listed>;

/** How rows are read: beside all others, or among them. */
export type Read = <Row>(sql: string, parameters: (string | number)[]) => Promise<Row[]>;

export const LIVE: Term = { sql: "state = 'live'", values: [] };

/** The files of an order for which all terms hold, from the `offset`-th on. */
export async function readFiles(read: Read, order: ListOrder, terms: Term[], limit: number, offset = 0) {
  const all = [order.owned, LIVE, ...terms];
  const sql = `SELECT ${LISTED.join(', ')} FROM ${order.source} WHERE ${and(all)} ORDER BY ${order.by} LIMIT ? OFFSET ?`;
  return filesOf(await read<FileRow<Listed>>(sql, [...valuesOf(all), limit, offset]));
}

/**
 * The same from the `offset`-th on of all files, for any offset: what is passed over is counted by the index alone, which
 * does not say what is live, but little is not.
 */
export async function readFilesFrom(read: Read, order: ListOrder, limit: number, offset: number) {
  const pending = "SELECT id FROM files WHERE ownerId = ? AND state = 'pending'";
  const sql = `
    SELECT ${LISTED.map((name) => `files.${name}`).join(', ')} FROM (
      SELECT id FROM ${order.source} WHERE ${order.owned.sql} AND id NOT IN (${pending}) ORDER BY ${order.by} LIMIT ? OFFSET ?
    ) AS page JOIN files ON files.id = page.id ORDER BY ${order.ofTable}`;
  return filesOf(await read<FileRow<Listed>>(sql, [...order.owned.values, order.ownerId, limit, offset]));
}

export function and(terms: readonly Term[]): string {
  return terms.map(({ sql }) => sql).join(' AND ');
}

export function valuesOf(terms: readonly Term[]): (string | number)[] {
  return terms.flatMap(({ values }) => values);
}

function filesOf(rows: FileRow<Listed>[]): ListedFile[] {
  return rows.map((row) => fileOf(row));
}
