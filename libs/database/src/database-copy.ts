import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';

/** A live file as the copy has it. */
export interface CopiedFile {
  readonly id: number;
  readonly storageId: string;
  readonly storageKey: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/**
 * A copy of a SQLite database as it is at one moment, made while others use it, and brought into the state of a drive at
 * rest: without uploads under way, removals, sessions and tickets.
 */
export class DatabaseCopy {
  private constructor(private readonly database: SqliteDatabase) {}

  /** @param path of the copy; nothing may be there yet */
  static create(dataDir: string, path: string): DatabaseCopy {
    const source = new SqliteDatabase(join(dataDir, 'defdrive.sqlite'), { fileMustExist: true, readonly: true });
    try {
      source.prepare('VACUUM INTO ?').run(path);
    } finally {
      source.close();
    }
    const copy = new SqliteDatabase(path, { fileMustExist: true });
    // Bytes that waited for their removal are not in the copy; and receipts of the copy are no more of the same chain.
    // VACUUM INTO syncs nothing; the COMMIT of what follows syncs the whole file.
    copy.pragma('synchronous = FULL');
    copy.pragma('foreign_keys = ON');
    copy.exec(`BEGIN; DELETE FROM uploads; DELETE FROM files WHERE state <> 'live'; DELETE FROM blobRemovals;
      DELETE FROM sessions; DELETE FROM tickets; DELETE FROM requestKeys;
      UPDATE receipts SET bytesGoneAt = ${Date.now()} WHERE bytesGoneAt IS NULL;
      UPDATE users SET receiptChain = NULL; COMMIT`);
    return new DatabaseCopy(copy);
  }

  get fileCount(): number {
    return this.database.prepare<[], { count: number }>('SELECT COUNT(*) AS count FROM files').get()!.count;
  }

  /** Live files behind an id, in the order of their ids. */
  files(after: number, limit: number): CopiedFile[] {
    return this.database
      .prepare<[number, number], CopiedFile>(
        'SELECT id, storageId, storageKey, size, sha256 FROM files WHERE id > ? ORDER BY id LIMIT ?',
      )
      .all(after, limit);
  }

  /** Leaves a file out, with its accesses. Its owner's usage is not right until `count`. */
  drop(id: number): void {
    this.database.transaction(() => {
      this.database.prepare('DELETE FROM accesses WHERE fileId = ?').run(id);
      this.database.prepare('DELETE FROM files WHERE id = ?').run(id);
    })();
  }

  /** @param recount the statements that count everybody's usage anew */
  count(recount: string): void {
    this.database.exec(recount);
  }

  close(): void {
    this.database.close();
  }
}
