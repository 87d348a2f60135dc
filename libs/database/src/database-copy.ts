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

/** What a drive at rest has not. Older schemas lack some of the tables. */
const AT_REST: readonly [table: string, statement: string][] = [
  ['uploads', 'DELETE FROM uploads'],
  ['files', "DELETE FROM files WHERE state <> 'live'"],
  ['blobRemovals', 'DELETE FROM blobRemovals'],
  ['sessions', 'DELETE FROM sessions'],
  ['tickets', 'DELETE FROM tickets'],
  ['requestKeys', 'DELETE FROM requestKeys'],
  // Of the drive that it was: its maintenance, its last check.
  ['marks', 'DELETE FROM marks'],
  ['throttles', 'DELETE FROM throttles'],
  // Bytes that waited for their removal are not in the copy; and receipts of the copy are no more of the same chain.
  [
    'receipts',
    `UPDATE receipts SET bytesGoneAt = CAST(strftime('%s', 'now') AS INTEGER) * 1000 WHERE bytesGoneAt IS NULL`,
  ],
  ['receipts', 'UPDATE users SET receiptChain = NULL'],
];

const FILE_COLUMNS = 'id, storageId, storageKey, size, sha256';

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
    // VACUUM INTO syncs nothing; the COMMIT of what follows syncs the whole file.
    copy.pragma('synchronous = FULL');
    copy.pragma('foreign_keys = ON');
    const names = copy.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    const statements = AT_REST.filter(([table]) => names.includes(table)).map(([, statement]) => statement);
    copy.exec(['BEGIN', ...statements, 'COMMIT'].join('; '));
    return new DatabaseCopy(copy);
  }

  /** Opens a copy that was made before, to read it. */
  static open(path: string): DatabaseCopy {
    return new DatabaseCopy(new SqliteDatabase(path, { fileMustExist: true, readonly: true }));
  }

  get fileCount(): number {
    return this.database.prepare<[], { count: number }>('SELECT COUNT(*) AS count FROM files').get()!.count;
  }

  /** The storage that its bytes are in. */
  get storageId(): string {
    return this.database.prepare<[], { id: string }>("SELECT id FROM storages WHERE kind = 'local'").get()!.id;
  }

  /** Live files behind an id, in the order of their ids. */
  files(after: number, limit: number): CopiedFile[] {
    return this.database
      .prepare<[number, number], CopiedFile>(`SELECT ${FILE_COLUMNS} FROM files WHERE id > ? ORDER BY id LIMIT ?`)
      .all(after, limit);
  }

  find(storageKey: string): CopiedFile | undefined {
    return this.database
      .prepare<[string], CopiedFile>(`SELECT ${FILE_COLUMNS} FROM files WHERE storageKey = ?`)
      .get(storageKey);
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
