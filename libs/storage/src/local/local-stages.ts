import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@app/config';
import type { StagedBlob } from '../storage.service.js';
import { localKey } from './blob-path.js';
import { descriptor } from './descriptor.js';
import { assertRoom } from './disk-room.js';
import type { LocalDirectories } from './local-directories.js';
import type { LocalPublishing } from './local-publishing.js';
import { unlinkIfThere } from './local-entries.js';
import { translateLocalError } from './local-fault.js';
import { RecentProofs } from './recent-proofs.js';

/** `<sixteen hexadecimal digits>+<owner>+<name>`: neither owners nor numbers of uploads have a plus sign. */
const STAGED = /^[0-9a-f]{16}\+([^+]+)\+(.+)$/s;
const MARK_LENGTH = 17;

/** @returns the key that the name of a temporary file tells; none of one that is called as its upload is */
export function stagedKey(fileName: string): string | undefined {
  const [, owner, name] = STAGED.exec(fileName) ?? [];
  return name === undefined ? undefined : localKey(owner!, name);
}

/**
 * Temporary files of bytes that were whole before anything was written. No record says whose they are, so their names do:
 * what a dead process had published of them is found by it, and undone.
 */
export class LocalStages {
  private readonly room = new RecentProofs();
  /** Of this process: its numbers tell its files apart, and the rest from those of others. */
  private readonly prefix = randomBytes(4).toString('hex');
  private count = 0;

  constructor(
    private readonly temporary: string,
    private readonly directories: LocalDirectories,
    private readonly publishing: LocalPublishing,
  ) {}

  /** @param longestName bytes that a name may have on this disk */
  canHold(key: string, longestName: number): boolean {
    return MARK_LENGTH + Buffer.byteLength(key) <= longestName;
  }

  async stage(key: string, bytes: Buffer): Promise<StagedBlob> {
    await this.room.demand(this.temporary, async () => (await assertRoom(this.temporary)) >= 0);
    const path = join(this.temporary, this.nameOf(key));
    try {
      await Promise.all([this.write(path, bytes), this.publishing.prepare(key)]);
    } catch (error) {
      // What cannot be unlinked now stands under no key, and goes at the next start.
      await unlinkIfThere(path).catch(() => undefined);
      throw translateLocalError(error);
    }
    failpoint('upload.synced');
    return this.blob(path, key);
  }

  async all(): Promise<StagedBlob[]> {
    const entries = await readdir(this.temporary, { withFileTypes: true });
    return entries.flatMap((entry) => {
      const key = entry.isFile() ? stagedKey(entry.name) : undefined;
      return key === undefined ? [] : [this.blob(join(this.temporary, entry.name), key)];
    });
  }

  /** What is written is durable at once: a sync of its own would be one more way to another thread. */
  private async write(path: string, bytes: Buffer): Promise<void> {
    const { O_CREAT, O_EXCL, O_WRONLY, O_DSYNC } = constants;
    const fd = await descriptor.open(path, O_CREAT | O_EXCL | O_WRONLY | O_DSYNC, 0o600);
    failpoint('upload.created');
    try {
      // Side by side they share what both wait for, a commit of the file system's journal.
      await settled([writeAll(fd, bytes), this.directories.sync(this.temporary)]);
    } finally {
      descriptor.close(fd);
    }
  }

  private nameOf(key: string): string {
    const number = (this.count++ >>> 0).toString(16).padStart(8, '0');
    return `${this.prefix}${number}+${key.replace('/', '+')}`;
  }

  private blob(path: string, key: string): StagedBlob {
    return {
      key,
      publish: () => this.publishing.link(path, key),
      release: () => unlink(path),
      rollBack: () => this.publishing.rollBack(path, key),
    };
  }
}

/** A write may be short. Of no bytes there is none, and so nothing that makes the file durable. */
async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return descriptor.sync(fd);
  for (let left = bytes; left.length > 0;) {
    const { bytesWritten } = await descriptor.write(fd, [left]);
    left = left.subarray(bytesWritten);
  }
}

/** All of them, before the first error is thrown: a descriptor must not be closed under a sync. */
async function settled(work: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
