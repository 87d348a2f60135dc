import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';

export interface Scrubbed {
  /** Bytes of the file. */
  readonly before: number;
  readonly after: number;
}

/**
 * Writes a SQLite database anew, without what deleted rows have left in unused parts of its file and in its log. Nobody
 * else may have it open.
 * @throws the driver's error when there is no room for a second copy, or somebody else has it open; nothing is changed then
 */
export function scrubDatabase(dataDir: string): Scrubbed {
  const database = new SqliteDatabase(join(dataDir, 'defdrive.sqlite'), { fileMustExist: true, timeout: 0 });
  try {
    const size = () =>
      Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true }));
    const before = size();
    // What VACUUM does not need any more is overwritten, and not only forgotten.
    database.pragma('secure_delete = ON');
    database.pragma('synchronous = FULL');
    emptyLog(database);
    database.exec('VACUUM');
    emptyLog(database);
    return { before, after: size() };
  } finally {
    database.close();
  }
}

function emptyLog(database: SqliteDatabase): void {
  const [{ busy }] = database.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
  if (busy) throw new Error('Somebody else has the database open');
}
