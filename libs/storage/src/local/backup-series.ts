import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageUnusableError } from '../storage-errors.js';
import { DirectorySync } from './directory-sync.js';

/** By its time, as file systems take it: `2026-01-31T12-00-00.000Z`. */
const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/;
const SUMMARY = 'backup.json';
const LOCK = /^lock(?:-journal)?$/;

/** What a backup says of itself, once it is whole. */
export interface BackupSummary {
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly files: number;
  readonly bytes: number;
  /** Keys of what was missing or damaged already: nothing of it is taken over by the next one. */
  readonly damaged: readonly string[];
}

export interface WholeBackup extends BackupSummary {
  readonly name: string;
  readonly directory: string;
}

/** A directory with one backup after another, each by itself a whole data directory. For one writer at a time. */
export class BackupSeries {
  private readonly directories = new DirectorySync();

  private constructor(private readonly root: string) {}

  /** @throws StorageUnusableError when there is something in it that is no backup of a series */
  static async open(directory: string): Promise<BackupSeries> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const stranger = (await readdir(directory)).find((name) => !NAME.test(name) && !LOCK.test(name));
    if (stranger === undefined) return new BackupSeries(directory);
    throw new StorageUnusableError(
      `The directory of a series of backups holds something else (${stranger}): ${directory}`,
    );
  }

  /** The backup that a directory is, or the last whole one of the series that it holds. Makes nothing. */
  static async backupIn(directory: string): Promise<string | undefined> {
    if (existsSync(join(directory, 'defdrive.sqlite'))) return directory;
    return existsSync(directory) ? (await new BackupSeries(directory).list()).at(-1)?.directory : undefined;
  }

  /** Those that are whole, the oldest first. */
  async list(): Promise<WholeBackup[]> {
    const names = (await readdir(this.root)).filter((name) => NAME.test(name)).toSorted();
    const backups = await Promise.all(names.map((name) => this.read(name)));
    return backups.filter((backup) => backup !== undefined);
  }

  /** Removes what earlier runs left half-done. */
  async clear(): Promise<void> {
    const whole = new Set((await this.list()).map(({ name }) => name));
    for (const name of await readdir(this.root)) if (NAME.test(name) && !whole.has(name)) await this.remove(name);
  }

  /** Where the next one goes. @param time milliseconds since 1970 */
  place(time: number): string {
    return join(this.root, new Date(time).toISOString().replaceAll(':', '-'));
  }

  /** Says that a backup is whole: the last thing that is written. */
  async seal(directory: string, summary: BackupSummary): Promise<void> {
    const draft = join(directory, `${SUMMARY}.part`);
    await writeFile(draft, `${JSON.stringify(summary)}\n`, { mode: 0o600, flush: true });
    await rename(draft, join(directory, SUMMARY));
    await this.directories.sync(directory);
    await this.directories.sync(this.root);
  }

  /** Removes a backup; what others have of it by hard links stays theirs. Half-way it is no whole one any more. */
  async remove(name: string): Promise<void> {
    await rm(join(this.root, name, SUMMARY), { force: true });
    await rm(join(this.root, name), { recursive: true, force: true });
  }

  private async read(name: string): Promise<WholeBackup | undefined> {
    const directory = join(this.root, name);
    try {
      const summary = JSON.parse(await readFile(join(directory, SUMMARY), 'utf8')) as BackupSummary;
      return { ...summary, name, directory };
    } catch {
      return undefined;
    }
  }
}
