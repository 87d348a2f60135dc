import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobLook, type InventoryEntry, StorageInventory } from '../storage-inventory.js';
import { blobPath, IDENTITY, isSegment, localKey, TEMPORARY } from './blob-path.js';
import { hasCode } from './local-fault.js';
import { stagedKey } from './local-stages.js';

/** Entries handed out at once, and so the memory that a directory of a million costs. */
const BATCH = 500;
/** What a name is read as whose bytes are no UTF-8. */
const UNDECODABLE = '\uFFFD';

/** The directory of the uploads, as other programs see it. */
export class LocalInventory extends StorageInventory {
  /** @param root absolute path of the directory of the uploads */
  constructor(private readonly root: string) {
    super();
  }

  override async *entries(): AsyncIterable<InventoryEntry[]> {
    for await (const batch of read(this.root)) {
      for (const entry of batch) {
        if (entry.name === IDENTITY || entry.name === TEMPORARY) continue;
        if (entry.isDirectory() && isPlain(entry.name) && !entry.name.startsWith('.')) yield* this.folder(entry.name);
        else yield [{ key: entry.name, isBlob: false }];
      }
    }
  }

  override look(key: string): Promise<BlobLook | undefined> {
    return lookAt(blobPath(this.root, key).file);
  }

  override async isStaged(key: string): Promise<boolean> {
    for await (const names of this.uploads()) if (names.some((name) => stagedKey(name) === key)) return true;
    return false;
  }

  override async *uploads(): AsyncIterable<string[]> {
    for await (const batch of read(join(this.root, TEMPORARY))) yield batch.map(({ name }) => name);
  }

  override lookAtUpload(name: string): Promise<BlobLook | undefined> {
    return lookAt(join(this.root, TEMPORARY, name));
  }

  private async *folder(owner: string): AsyncIterable<InventoryEntry[]> {
    for await (const batch of read(join(this.root, owner))) {
      yield batch.map((entry) => ({ key: localKey(owner, entry.name), isBlob: entry.isFile() && isPlain(entry.name) }));
    }
  }
}

/** Decodable, and with nothing in it that a key cannot have. */
function isPlain(name: string): boolean {
  return isSegment(name) && !name.includes(UNDECODABLE);
}

/** A directory in batches; one that is gone is empty. */
async function* read(directory: string): AsyncIterable<Dirent[]> {
  let batch: Dirent[] = [];
  try {
    for await (const entry of await opendir(directory, { bufferSize: BATCH })) {
      batch.push(entry);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  if (batch.length > 0) yield batch;
}

/** The inode is another one after a replacement, its ctime after a change, also where an inode number is used again. */
async function lookAt(path: string): Promise<BlobLook | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    if (!stats.isFile()) return undefined;
    return { size: Number(stats.size), version: `${stats.dev}:${stats.ino}:${stats.size}:${stats.ctimeNs}` };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
