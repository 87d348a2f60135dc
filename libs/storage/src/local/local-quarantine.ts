import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, opendir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Quarantine, type QuarantinedBlob } from '../quarantine.js';
import { BlobMissingError, StorageUnusableError } from '../storage-errors.js';
import type { BlobReader } from '../storage.service.js';
import { blobPath } from './blob-path.js';
import { DirectorySync } from './directory-sync.js';
import { LocalBlobReader } from './local-blob-reader.js';
import { hasCode } from './local-fault.js';

/** Blobs of one name that a day can bring. */
const MOST_OF_A_NAME = 1000;

/** `<root>/<date>/<owner>/<name>`, beside the directory of the uploads. */
export class LocalQuarantine extends Quarantine {
  private readonly directories = new DirectorySync();

  /**
   * @param root absolute path of the quarantine
   * @param uploads absolute path of the directory of the uploads
   */
  constructor(
    private readonly root: string,
    private readonly uploads: string,
  ) {
    super();
  }

  override async take(key: string, date: string): Promise<string> {
    const source = blobPath(this.uploads, key);
    for (let count = 1; count < MOST_OF_A_NAME; count++) {
      const path = `${count === 1 ? date : `${date}.${count}`}/${key}`;
      const { directory, file } = this.locate(path);
      await this.ensureDirectory(directory);
      if (!(await putAt(source.file, file))) continue;
      // First there, then gone here, each durably: a crash in between leaves two names and loses nothing.
      await this.directories.sync(directory);
      await unlink(source.file);
      await this.directories.sync(source.directory);
      return path;
    }
    throw new StorageUnusableError(`The quarantine holds too many blobs called ${key}`);
  }

  override async *list(): AsyncIterable<QuarantinedBlob> {
    for await (const date of namesIn(this.root)) {
      for await (const owner of namesIn(join(this.root, date))) {
        for await (const name of namesIn(join(this.root, date, owner))) {
          const stats = await lstat(join(this.root, date, owner, name));
          if (stats.isFile()) yield { path: `${date}/${owner}/${name}`, size: stats.size };
        }
      }
    }
  }

  override open(path: string): Promise<BlobReader> {
    return LocalBlobReader.open(this.locate(path).file);
  }

  override async discard(path: string): Promise<void> {
    const { directory, file } = this.locate(path);
    await unlink(file);
    await this.directories.sync(directory);
  }

  /** @throws BlobMissingError for what is no path into the quarantine */
  private locate(path: string): { directory: string; file: string } {
    const [date = '', ...key] = path.split('/');
    if (!/^\d[\w.-]*$/.test(date) || key.length !== 2)
      throw new BlobMissingError('Not a path of the quarantine (<date>/<owner>/<name>)');
    return blobPath(join(this.root, date), key.join('/'));
  }

  private async ensureDirectory(directory: string): Promise<void> {
    const first = await mkdir(directory, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let parent = directory; parent !== dirname(this.root); parent = dirname(parent)) {
      await this.directories.sync(dirname(parent));
    }
  }
}

/** @returns false where something is in the place already */
async function putAt(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'EXDEV')) throw error;
  }
  return copyDurably(source, target);
}

/** For a quarantine on another file system. */
async function copyDurably(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  const handle = await open(target, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

async function* namesIn(directory: string): AsyncIterable<string> {
  try {
    for await (const { name } of await opendir(directory)) yield name;
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
}
