import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@app/config';
import { StorageUnusableError } from '../storage-errors.js';
import { DirectorySync } from './directory-sync.js';
import { LocalBackup } from './local-backup.js';

const DATABASE = 'defdrive.sqlite';
/** All that makes a drive, the database first: without it no server takes what is left for a whole one. */
const DRIVE = [DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`, `${DATABASE}.part`, 'uploads', 'quarantine'];
/** Where a restore is written to, within the data directory, so that it only has to be renamed at its end. */
const DRAFT = 'restore.part';

/**
 * A data directory into which a drive is brought back. Everything is written aside and moved into its place at the end, the
 * database last: a restore that is killed leaves either what was there before or what no server starts with, and may be
 * run again. For whoever holds the lock of the directory.
 */
export class RestoredDirectory {
  private readonly directories = new DirectorySync();
  private readonly draft: string;

  constructor(private readonly dataDir: string) {
    this.draft = join(dataDir, DRAFT);
  }

  /**
   * @param replace whether a drive that is there is moved aside, in the end
   * @throws StorageUnusableError when there is one, and it must not be
   */
  async begin(replace: boolean): Promise<LocalBackup> {
    await this.clear();
    if (!replace) await this.assertFree();
    return LocalBackup.create(this.draft);
  }

  /** Puts what was restored in its place. @returns where the drive is now that was there before */
  async finish(): Promise<string | undefined> {
    failpoint('restore.written');
    const aside = await this.moveAside();
    failpoint('restore.aside');
    for (const name of ['uploads', DATABASE]) {
      await rename(join(this.draft, name), join(this.dataDir, name));
      await this.directories.sync(this.dataDir);
      failpoint('restore.moved');
    }
    await rm(this.draft, { recursive: true });
    return aside;
  }

  /** Undoes an earlier restore that did not come to its end, also between its two last steps. */
  private async clear(): Promise<void> {
    if (!existsSync(this.draft)) return;
    const moved = existsSync(join(this.draft, DATABASE)) && !existsSync(join(this.draft, 'uploads'));
    if (moved && !existsSync(join(this.dataDir, DATABASE)))
      await rename(join(this.dataDir, 'uploads'), join(this.draft, 'uploads'));
    await rm(this.draft, { recursive: true });
  }

  private async there(): Promise<string[]> {
    const names = new Set(await readdir(this.dataDir));
    return DRIVE.filter((name) => names.has(name));
  }

  private async assertFree(): Promise<void> {
    const [name] = await this.there();
    if (name === undefined) return;
    const advice = '--replace moves that aside';
    throw new StorageUnusableError(`The data directory holds ${name} of a drive already (${advice}): ${this.dataDir}`);
  }

  private async moveAside(): Promise<string | undefined> {
    const names = await this.there();
    if (names.length === 0) return undefined;
    const aside = join(this.dataDir, `replaced-${new Date().toISOString().replaceAll(':', '-')}`);
    await mkdir(aside, { mode: 0o700 });
    for (const name of names) await rename(join(this.dataDir, name), join(aside, name));
    await this.directories.sync(aside);
    await this.directories.sync(this.dataDir);
    return aside;
  }
}
