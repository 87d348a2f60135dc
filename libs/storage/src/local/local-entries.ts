import { lstat, unlink } from 'node:fs/promises';
import { hasCode, REFUSED_NAME } from './local-fault.js';

/** Device and inode of what is at the path, as one text; undefined where there is nothing. */
export async function inode(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await lstat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', ...REFUSED_NAME)) return undefined;
    throw error;
  }
}

/** @returns whether there was something to unlink */
export async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
