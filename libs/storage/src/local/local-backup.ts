import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StorageUnusableError } from '../storage-errors.js';
import type { BlobDigest, BlobReader } from '../storage.service.js';
import { blobPath, IDENTITY } from './blob-path.js';
import { DirectorySync } from './directory-sync.js';

/** A directory that a backup is written to: in the end a whole data directory, with which a server can start. */
export class LocalBackup {
  private readonly directories = new DirectorySync();
  private readonly folders = new Map<string, Promise<void>>();
  private readonly uploads: string;

  private constructor(private readonly root: string) {
    this.uploads = join(root, 'uploads');
  }

  /** @throws StorageUnusableError when the directory has something in it already */
  static async create(directory: string): Promise<LocalBackup> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if ((await readdir(directory)).length > 0)
      throw new StorageUnusableError(`The directory of a backup must be empty: ${directory}`);
    const backup = new LocalBackup(directory);
    await mkdir(backup.uploads, { mode: 0o700 });
    return backup;
  }

  /** Where the copy of the database is written; it gets its real name last, so that half a backup cannot be taken for one. */
  get draftOfDatabase(): string {
    return join(this.root, 'defdrive.sqlite.part');
  }

  /** Copies a blob, closes its reader, and tells what was copied. */
  async add(key: string, reader: BlobReader): Promise<BlobDigest> {
    const { directory, file } = blobPath(this.uploads, key);
    await this.ensureFolder(directory);
    const handle = await open(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
    const hash = createHash('sha256');
    let size = 0;
    try {
      if (reader.size === 0) await reader.close();
      else
        await pipeline(reader.stream(0, reader.size - 1), async (chunks: AsyncIterable<Buffer>) => {
          for await (const chunk of chunks) {
            hash.update(chunk);
            size += chunk.length;
            await handle.writeFile(chunk);
          }
        });
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return { size, sha256: hash.digest('hex') };
  }

  /**
   * Takes a blob over from an earlier backup, by a hard link: both are copies, which nobody writes to again.
   * @param from the directory of the earlier backup
   * @returns whether there was one of this size; where there is not, it is to be copied
   */
  async takeOver(from: string, key: string, size: number): Promise<boolean> {
    const { directory, file } = blobPath(this.uploads, key);
    const earlier = blobPath(join(from, 'uploads'), key).file;
    await this.ensureFolder(directory);
    try {
      const found = await stat(earlier);
      if (!found.isFile() || found.size !== size) return false;
      await link(earlier, file);
      return true;
    } catch {
      // Not there, too many links, or a file system without them.
      return false;
    }
  }

  /** Makes the backup whole and durable. @param storageId the id that the copied database knows its storage by */
  async finish(storageId: string): Promise<void> {
    for (const folder of this.folders.keys()) await this.directories.sync(folder);
    await writeFile(join(this.uploads, IDENTITY), `${storageId}\n`, { mode: 0o600, flush: true });
    await this.directories.sync(this.uploads);
    await rename(this.draftOfDatabase, join(this.root, 'defdrive.sqlite'));
    await this.directories.sync(this.root);
  }

  private ensureFolder(directory: string): Promise<void> {
    const made = this.folders.get(directory) ?? mkdir(directory, { mode: 0o700 });
    this.folders.set(directory, made);
    return made;
  }
}
