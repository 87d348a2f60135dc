import { resolve } from 'node:path';
import { RECOUNT_ALL } from '@app/accounts';
import { AppConfig } from '@app/config';
import { type CopiedFile, DatabaseCopy, File } from '@app/database';
import { BlobMissingError, type BlobReader, LocalBackup, StorageAbsentError, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const PAGE = 256;
/** Blobs copied side by side. */
const COPIES = 4;

export interface BackupResult {
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
  /** Files that were deleted while the backup was made, and so are not in it. */
  readonly deletedMeanwhile: number;
  /** Live files whose bytes are missing or damaged; they are in the backup as they are. */
  readonly damaged: readonly string[];
}

interface Totals {
  files: number;
  bytes: number;
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
   * @param directory must be empty or not there
   * @throws StorageUnusableError when it is not empty
   */
  async make(directory: string, onProgress: (step: string, done: number) => void): Promise<BackupResult> {
    const backup = await LocalBackup.create(resolve(directory));
    const copy = DatabaseCopy.create(this.config.dataDir, backup.draftOfDatabase);
    const totals: Totals = { files: 0, bytes: 0, deletedMeanwhile: 0, damaged: [] };
    try {
      for (let page = copy.files(0, PAGE); page.length > 0; page = copy.files(page.at(-1)!.id, PAGE)) {
        for (let start = 0; start < page.length; start += COPIES) {
          const some = page.slice(start, start + COPIES);
          await Promise.all(some.map((file) => this.copy(file, backup, copy, totals)));
          onProgress('files copied', totals.files);
        }
      }
      if (totals.deletedMeanwhile > 0) copy.count(RECOUNT_ALL.join('; '));
    } finally {
      copy.close();
    }
    await backup.finish(this.storages.current.id);
    return totals;
  }

  private async copy(file: CopiedFile, backup: LocalBackup, copy: DatabaseCopy, totals: Totals): Promise<void> {
    const reader = await this.open(file);
    if (!(await this.dataSource.manager.existsBy(File, { id: file.id, state: 'live' }))) {
      await reader?.close();
      copy.drop(file.id);
      totals.deletedMeanwhile += 1;
      return;
    }
    totals.files += 1;
    const digest = reader && (await backup.add(file.storageKey, reader));
    totals.bytes += digest?.size ?? 0;
    if (digest?.sha256 !== file.sha256) totals.damaged.push(file.storageKey);
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
