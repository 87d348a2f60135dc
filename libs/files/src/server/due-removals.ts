import type { BlobRemoval } from '@app/database';
import type { DataSource } from 'typeorm';
import { LONGEST_WAIT_MS } from '../removals/back-off.js';

const NEXT_LEVEL = 'SELECT MIN(attempts) AS attempts FROM blobRemovals WHERE attempts > ?';
const OF_LEVEL = 'SELECT * FROM blobRemovals WHERE attempts = ? AND storageId = ? AND nextAttemptAt';
const IN_TURN = 'ORDER BY nextAttemptAt, id LIMIT ?';

/**
 * The removals of a storage that are due, those that have failed least first, so that any number from a folder that is dead
 * keeps nobody else's. Due is also what waits longer than anything can: the clock was ahead when it failed, and has been set
 * right since.
 *
 * Each number of failures is asked for by itself: so what is read is what is due, out of however many that wait.
 */
export async function dueRemovals(dataSource: DataSource, storageId: string, limit: number): Promise<BlobRemoval[]> {
  const now = Date.now();
  const read = (attempts: number, when: string, moment: number, most: number) =>
    dataSource.query<BlobRemoval[]>(`${OF_LEVEL} ${when} ? ${IN_TURN}`, [attempts, storageId, moment, most]);
  const due: BlobRemoval[] = [];
  for (let level: number | null = -1; due.length < limit;) {
    const [next]: { attempts: number | null }[] = await dataSource.query(NEXT_LEVEL, [level]);
    level = next?.attempts ?? null;
    if (level === null) break;
    due.push(...(await read(level, '<=', now, limit - due.length)));
    if (due.length < limit) due.push(...(await read(level, '>', now + LONGEST_WAIT_MS, limit - due.length)));
  }
  return due;
}
