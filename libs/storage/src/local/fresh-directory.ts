import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnusableError } from '../storage-errors.js';

/**
 * Refuses a directory with files of owners whom nobody knows: their database is lost, or is another one. Folders alone are
 * what a drive leaves that has moved away.
 */
export async function assertFresh(root: string): Promise<void> {
  const folders = (await readdir(root)).filter((name) => !name.startsWith('.'));
  const isUsed = async (name: string) => (await readdir(join(root, name)).catch(() => [name])).length > 0;
  const used = await Promise.all(folders.map(isUsed));
  const folder = folders.find((_, n) => used[n]);
  if (folder === undefined) return;
  throw new StorageUnusableError(
    `The directory of the uploads holds the folder ${folder}, and the database knows no storage: ` +
      `bring the database back from a backup, or move the folder out of the way: ${root}`,
  );
}
