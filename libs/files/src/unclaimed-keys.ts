import type { File } from '@app/database';
import type { DataSource } from 'typeorm';
import { listOf } from './file-rows.js';

/**
 * The keys that no record claims. First files, then removals: a delete in between has made its removal by then; then files
 * once more, since a move turns the removal of a copy into its file.
 * @param states of the files that count
 */
export async function unclaimedKeys(
  dataSource: DataSource,
  storageId: string,
  keys: readonly string[],
  states: readonly File['state'][] = ['pending', 'live'],
): Promise<string[]> {
  const files = { from: 'files', and: 'AND state IN (?, ?)', more: [states[0]!, states.at(-1)!] };
  const removals = { from: 'blobRemovals', and: '', more: [] };
  let unclaimed = [...keys];
  for (const { from, and, more } of [files, removals, files]) {
    if (unclaimed.length === 0) return [];
    const { marks, values } = listOf(unclaimed);
    const sql = `SELECT storageKey FROM ${from} WHERE storageId = ? AND storageKey IN (${marks}) ${and}`;
    const rows = await dataSource.query<{ storageKey: string }[]>(sql, [storageId, ...values, ...more]);
    const claimed = new Set(rows.map(({ storageKey }) => storageKey));
    unclaimed = unclaimed.filter((key) => !claimed.has(key));
  }
  return unclaimed;
}
