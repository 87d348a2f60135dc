import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { AdminError, whyUnusable } from '../exit.js';

/**
 * Reads a file that says what is to be called otherwise: CSV without a header.
 * @returns its rows; none where there is no file
 * @throws AdminError when it cannot be read, or a row has another number of columns
 */
export function readMap(path: string | undefined, columns: number): string[][] {
  if (path === undefined) return [];
  try {
    const rows: string[][] = parse(readFileSync(path), { bom: true, relax_column_count: true, skip_empty_lines: true });
    const wrong = rows.findIndex((row) => row.length !== columns);
    if (wrong >= 0) throw new Error(`row ${wrong + 1} has ${rows[wrong]!.length} columns and not ${columns}`);
    return rows;
  } catch (error) {
    throw new AdminError(`--map ${path} cannot be read: ${whyUnusable(error)}`);
  }
}
