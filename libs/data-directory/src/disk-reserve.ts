import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, statfsSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;
/** Bytes of the reserve: what a delete writes, also one that takes thousands of links along. Of a small disk an eighth. */
const MOST = 2 * MIB;
const PART = 8;
const PIECE = 64 * 1024;

/**
 * Room on the disk of the database that nothing uses: `reserve` in the data directory. On a full disk a delete could not
 * write that it deletes, and so free nothing; it gives the reserve up for that time.
 */
export class DiskReserve {
  private readonly path: string;

  constructor(private readonly dataDir: string) {
    this.path = join(dataDir, 'reserve');
  }

  /** Whether the disk has less room than the reserve itself. */
  get isNeeded(): boolean {
    const { bavail, bsize } = statfsSync(this.dataDir);
    return bavail * bsize < this.size;
  }

  /** @returns whether there was something to give up */
  giveUp(): boolean {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    if (!stat || stat.size === 0) return false;
    truncateSync(this.path);
    return true;
  }

  /**
   * Makes it, or as much of it as there is room for. Of random bytes: a file system may keep others in less room.
   * @returns whether it is whole
   */
  restore(): boolean {
    const fd = openSync(this.path, 'a', 0o600);
    try {
      for (let size = fstatSync(fd).size; size < this.size;) {
        const written = writeSync(fd, randomBytes(Math.min(PIECE, this.size - size)));
        if (written === 0) return false;
        size += written;
      }
      fsyncSync(fd);
      return true;
    } catch (error) {
      if (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  private get size(): number {
    const { blocks, bsize } = statfsSync(this.dataDir);
    return Math.min(MOST, Math.floor((blocks * bsize) / PART));
  }
}
