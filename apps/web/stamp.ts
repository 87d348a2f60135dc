import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The service worker, which holds the place for the stamp. */
export const WORKER = 'worker.js';
/** What the stamp takes the place of. */
export const PLACE = '__STAMP__';

/**
 * What the files of the page are, in a word: another one with every change of any of them. It stands in the service worker,
 * since a browser looks for a new page behind an installed worker only when the worker itself has changed.
 */
export function stampOf(directory: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== WORKER && !name.endsWith('.br') && statSync(join(directory, name)).isFile())
    .toSorted();
  for (const name of names)
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(directory, name)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}
