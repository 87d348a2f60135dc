import { join, resolve } from 'node:path';
import { RECOUNT_ALL } from '@app/accounts';
import { AppConfig, ConfigError } from '@app/config';
import { lockDataDirectory } from '@app/data-directory';
import { type CopiedFile, DatabaseCopy, File } from '@app/database';
import {
  BackupSeries,
  BlobMissingError,
  type BlobReader,
  LocalBackup,
  StorageAbsentError,
  Storages,
  StorageUnusableError,
} from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LastBackup } from './last-backup.js';
import { retained, type Retention } from './retention.js';

const PAGE = 256;
/** Blobs copied side by side. */
const COPIES = 4;

export type OnProgress = (step: string, done: number, total?: number) => void;

export interface BackupResult {
  /** Where it is. */
  readonly directory: string;
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
  /** Files of those whose bytes are those of the backup before it, by hard links. */
  readonly linked: number;
  /** Files that were deleted while the backup was made, and so are not in it. */
  readonly deletedMeanwhile: number;
  /** Live files whose bytes are missing or damaged; they are in the backup as they are. */
  readonly damaged: readonly string[];
  /** Earlier backups of the series that are gone now. */
  readonly removed: readonly string[];
}

/** A backup while it is made. */
interface Making {
  readonly backup: LocalBackup;
  readonly copy: DatabaseCopy;
  readonly last: LastBackup | undefined;
  files: number;
  bytes: number;
  linked: number;
  deletedMeanwhile: number;
  damaged: string[];
}

/** Copies a drive on SQLite while it is in use: a data directory with which a server can start. */
@Injectable()
export class DriveBackup {
  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
  ) {}

  /**
   * First the database, then the bytes of each file that is live in the copy. A file whose bytes were opened, and which
   * is live after that, has been live all along, so they are its own; one that is not is left out of the copy.
   * @param target must be empty or not there
   * @param last an earlier backup, of which bytes that are the same are taken over
   * @throws StorageUnusableError when it is not empty
   */
  async make(target: string, onProgress: OnProgress, last?: LastBackup): Promise<BackupResult> {
    const directory = resolve(target);
    const backup = await LocalBackup.create(directory);
    const copy = DatabaseCopy.create(this.config.dataDir, backup.draftOfDatabase);
    const making: Making = { backup, copy, last, files: 0, bytes: 0, linked: 0, deletedMeanwhile: 0, damaged: [] };
    try {
      const total = copy.fileCount;
      for (let page = copy.files(0, PAGE); page.length > 0; page = copy.files(page.at(-1)!.id, PAGE)) {
        for (let start = 0; start < page.length; start += COPIES) {
          await Promise.all(page.slice(start, start + COPIES).map((file) => this.copy(file, making)));
          onProgress('files copied', making.files, total);
        }
      }
      if (making.deletedMeanwhile > 0) copy.count(RECOUNT_ALL.join('; '));
    } finally {
      copy.close();
    }
    await backup.finish(this.storages.current.id);
    const { files, bytes, linked, deletedMeanwhile, damaged } = making;
    return { directory, files, bytes, linked, deletedMeanwhile, damaged, removed: [] };
  }

  /**
   * Adds a backup to a series: one that is whole in itself, and in which bytes that the last one has take no room again.
   * @param directory of the series
   * @param retention which ones stay after it
   * @throws StorageUnusableError when there is something else in it, or another backup is being made there
   */
  async makeNext(directory: string, retention: Retention, onProgress: OnProgress): Promise<BackupResult> {
    const root = resolve(directory);
    const series = await BackupSeries.open(root);
    const lock = lockSeries(root);
    try {
      await series.clear();
      const before = (await series.list()).at(-1);
      const last = before && LastBackup.open(before.directory, new Set(before.damaged));
      const madeAt = Date.now();
      const made = await this.make(series.place(madeAt), onProgress, last).finally(() => last?.close());
      const { files, bytes, damaged } = made;
      await series.seal(made.directory, { madeAt, files, bytes, damaged });
      return { ...made, removed: await prune(series, retention) };
    } finally {
      lock.release();
    }
  }

  private async copy(file: CopiedFile, making: Making): Promise<void> {
    const reader = await this.open(file);
    if (!(await this.dataSource.manager.existsBy(File, { id: file.id, state: 'live' }))) {
      await reader?.close();
      making.copy.drop(file.id);
      making.deletedMeanwhile += 1;
      return;
    }
    making.files += 1;
    if (reader && (await this.isTakenOver(file, reader, making))) {
      making.linked += 1;
      making.bytes += file.size;
      return reader.close();
    }
    const digest = reader && (await making.backup.add(file.storageKey, reader));
    making.bytes += digest?.size ?? 0;
    if (digest?.sha256 !== file.sha256) making.damaged.push(file.storageKey);
  }

  private async isTakenOver(file: CopiedFile, reader: BlobReader, { last, backup }: Making): Promise<boolean> {
    if (!last?.has(file) || reader.size !== file.size) return false;
    return backup.takeOver(last.directory, file.storageKey, file.size);
  }

  private async open({ storageId, storageKey }: CopiedFile): Promise<BlobReader | undefined> {
    try {
      return await this.storages.of(storageId).open(storageKey);
    } catch (error) {
      if (error instanceof BlobMissingError || error instanceof StorageAbsentError) return undefined;
      throw error;
    }
  }
}

function lockSeries(root: string): ReturnType<typeof lockDataDirectory> {
  try {
    return lockDataDirectory(root);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new StorageUnusableError(`Another backup is being made in ${join(root)}`);
  }
}

async function prune(series: BackupSeries, retention: Retention): Promise<string[]> {
  const all = await series.list();
  const kept = retained(
    all.map(({ madeAt }) => madeAt),
    retention,
  );
  const names = all.filter(({ madeAt }) => !kept.has(madeAt)).map(({ name }) => name);
  for (const name of names) await series.remove(name);
  return names;
}
