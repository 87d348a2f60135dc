import { createHash } from 'node:crypto';
import { File } from '@app/database';
import { AllDrivers, BlobMissingError, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';

/** Rows read at once. */
const PAGE = 500;
/** Blobs whose bytes are read side by side. */
const READERS = 4;

type Row = Pick<File, 'id' | 'ownerId' | 'storageId' | 'storageKey' | 'size' | 'sha256'>;

/** From the records to the bytes: every live file has its blob, with the recorded size and, if asked, the recorded hash. */
@Injectable()
export class RecordsCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly drivers: AllDrivers,
  ) {}

  async *findings(deep: boolean, tally: CheckTally): AsyncGenerator<Finding> {
    const last = await this.lastId();
    const total = await this.dataSource.manager.countBy(File, { state: 'live' });
    for (let rows = await this.page(0, last); rows.length > 0; rows = await this.page(rows.at(-1)!.id, last)) {
      const step = deep ? READERS : rows.length;
      for (let start = 0; start < rows.length; start += step) {
        const some = rows.slice(start, start + step);
        const found = await Promise.all(some.map((row) => this.judge(row, deep)));
        yield* found.filter((finding) => finding !== undefined);
        tally.files += some.length;
        tally.bytes += some.reduce((sum, { size }) => sum + size, 0);
        tally.onProgress('files', tally.files, total);
      }
    }
  }

  /**
   * Looks twice, and asks in between whether the file is still live: its bytes were there before it became so and are
   * there as long as it is, so a file that is live after the look has been so at the look.
   */
  private async judge(row: Row, deep: boolean): Promise<Finding | undefined> {
    const first = await this.look(row, deep);
    if (!first || !(await this.isLive(row))) return undefined;
    return this.look(row, deep);
  }

  private async look(row: Row, deep: boolean): Promise<Finding | undefined> {
    const { id: fileId, ownerId, storageKey: key } = row;
    const inventory = this.drivers.of(row.storageId)?.inventory;
    if (!inventory)
      return { kind: 'storage-unknown', fileId, ownerId, key, problem: `is recorded in storage ${row.storageId}` };
    try {
      const blob = await inventory.look(key);
      if (!blob)
        return { kind: 'blob-missing', fileId, ownerId, key, problem: `no bytes, ${row.size} bytes are recorded` };
      if (blob.size !== row.size)
        return { kind: 'blob-size', fileId, ownerId, key, problem: `${blob.size} bytes instead of ${row.size}` };
      if (!deep) return undefined;
      const sha256 = await this.hash(row);
      if (sha256 === row.sha256) return undefined;
      return { kind: 'blob-hash', fileId, ownerId, key, problem: `SHA-256 ${sha256} instead of ${row.sha256}` };
    } catch (error) {
      if (error instanceof BlobMissingError)
        return { kind: 'blob-missing', fileId, ownerId, key, problem: 'no bytes that can be opened' };
      return { kind: 'blob-unreadable', fileId, ownerId, key, problem: reason(error) };
    }
  }

  private async hash({ storageId, storageKey }: Row): Promise<string> {
    const reader = await this.storages.of(storageId).open(storageKey);
    const hash = createHash('sha256');
    if (reader.size === 0) await reader.close();
    else for await (const chunk of reader.stream(0, reader.size - 1)) hash.update(chunk);
    return hash.digest('hex');
  }

  private isLive({ id, storageId, storageKey, size, sha256 }: Row): Promise<boolean> {
    return this.dataSource.manager.existsBy(File, { id, storageId, storageKey, size, sha256, state: 'live' });
  }

  private async lastId(): Promise<number> {
    const [{ last }] = await this.dataSource.query<[{ last: number | null }]>('SELECT MAX(id) AS last FROM files');
    return last ?? 0;
  }

  private page(after: number, last: number): Promise<Row[]> {
    return this.dataSource.query(
      `SELECT id, ownerId, storageId, storageKey, size, sha256 FROM files
       WHERE id > ? AND id <= ? AND state = 'live' ORDER BY id LIMIT ${PAGE}`,
      [after, last],
    );
  }
}

/** Without the path, which stands beside it anyway. */
function reason(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code ? `${code} at ${syscall ?? 'unknown'}` : message;
}
