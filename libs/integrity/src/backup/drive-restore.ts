import { join, resolve } from 'node:path';
import { type AppConfig, ConfigError } from '@app/config';
import { type CopiedFile, DatabaseCopy, readSchemaStatus, SchemaMismatchError } from '@app/database';
import { BackupSeries, BlobMissingError, type LocalBackup, RestoredDirectory, Storages } from '@app/storage';
import type { OnProgress } from './drive-backup.js';

const PAGE = 256;
/** Blobs copied side by side, so that they share what they wait for. */
const COPIES = 8;

export interface RestoreResult {
  /** The backup that it was. */
  readonly from: string;
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
  /** Files whose bytes are missing in the backup, or are not what its database says. */
  readonly damaged: readonly string[];
  /** Where the drive is now that was there before. */
  readonly replaced: string | undefined;
}

/**
 * Brings a drive back from a backup into the data directory. Bytes are copied, never linked: a backup is never a part of a
 * drive. Every session has ended, and receipts begin a new chain. For whoever holds the lock of the data directory.
 * @param source a backup, or a series of them, of which the last is taken
 * @param replace whether a drive that is there is moved aside
 * @throws ConfigError, SchemaMismatchError when the source is no backup, or that of a newer version
 * @throws StorageUnusableError when there is a drive already
 */
export async function restoreDrive(
  { dataDir }: Pick<AppConfig, 'dataDir'>,
  source: string,
  replace: boolean,
  onProgress: OnProgress,
): Promise<RestoreResult> {
  const from = await backupIn(source);
  const restored = new RestoredDirectory(dataDir);
  const draft = await restored.begin(replace);
  const tally = await bringAll(from, draft, onProgress);
  await requireKnownSchema(join(dataDir, 'restore.part'));
  return { from, ...tally, replaced: await restored.finish() };
}

async function bringAll(from: string, draft: LocalBackup, onProgress: OnProgress) {
  const copy = DatabaseCopy.create(from, draft.draftOfDatabase);
  const tally = { files: 0, bytes: 0, damaged: [] as string[] };
  try {
    const storage = Storages.at(join(from, 'uploads'));
    const total = copy.fileCount;
    for (let page = copy.files(0, PAGE); page.length > 0; page = copy.files(page.at(-1)!.id, PAGE)) {
      for (let start = 0; start < page.length; start += COPIES) {
        const some = page.slice(start, start + COPIES);
        await Promise.all(some.map((file) => bring(file, storage, draft, tally)));
        onProgress('files restored', (tally.files += some.length), total);
      }
    }
    await draft.finish(copy.storageId);
  } finally {
    copy.close();
  }
  return tally;
}

async function bring(
  file: CopiedFile,
  storage: Storages,
  draft: LocalBackup,
  tally: { bytes: number; damaged: string[] },
): Promise<void> {
  try {
    const digest = await draft.add(file.storageKey, await storage.current.open(file.storageKey));
    tally.bytes += digest.size;
    if (digest.sha256 !== file.sha256) tally.damaged.push(file.storageKey);
  } catch (error) {
    if (!(error instanceof BlobMissingError)) throw error;
    tally.damaged.push(file.storageKey);
  }
}

/**
 * @param source a backup, or a series of them
 * @returns the backup, or the last one of the series
 * @throws ConfigError
 */
export async function backupIn(source: string): Promise<string> {
  const backup = await BackupSeries.backupIn(resolve(source));
  if (backup === undefined)
    throw new ConfigError('The source', `is no backup: it holds no database that can be opened: ${source}`);
  return backup;
}

async function requireKnownSchema(dataDir: string): Promise<void> {
  const { unknown } = await readSchemaStatus({ dataDir, databaseUrl: undefined });
  if (unknown.length === 0) return;
  throw new SchemaMismatchError(`The backup is of a newer version (it knows ${unknown.at(-1)}): use that version`);
}
