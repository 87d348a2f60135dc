// Floor of the delete on SQLite: the same statements and the same durability by the raw driver, one delete after the
// other, and the unlink. A module for `Remote`.
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { importBuilt } from '../support/built.mjs';
import { answerCalls } from '../support/remote.mjs';

const { SqliteDatabase } = await importBuilt('libs/data-directory/src/sqlite-driver.js');

let remove;

/** @param uploads where the bytes are; without it the records are all that is deleted */
function open({ file, uploads }) {
  const database = new SqliteDatabase(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const readFile = database.prepare("SELECT * FROM files WHERE id = ? AND state = 'live'");
  const removeAccesses = database.prepare('DELETE FROM accesses WHERE fileId = ?');
  const removeFile = database.prepare("DELETE FROM files WHERE id = ? AND ownerId = ? AND state = 'live'");
  const lessUsage = database.prepare(
    'UPDATE users SET usedFiles = usedFiles - 1, usedBytes = usedBytes - ? WHERE id = ?',
  );
  const recordRemoval = database.prepare(
    `INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt)
     VALUES (?, ?, ?, ?, 0, ?, NULL, ?)`,
  );
  const removeRecords = database.transaction((id) => {
    const found = readFile.get(id);
    if (!found) throw new Error('The file is not there');
    removeAccesses.run(id);
    removeFile.run(id, found.ownerId);
    lessUsage.run(found.size, found.ownerId);
    const now = Date.now();
    recordRemoval.run(found.ownerId, found.nameKey, found.storageId, found.storageKey, now + 1000, now);
    return found.storageKey;
  });
  remove = (id) => {
    const key = removeRecords.immediate(id);
    if (uploads) unlinkSync(join(uploads, key));
  };
}

/** Deletes the files of all queues, one after the other. @returns deletes per second */
function run(queues) {
  const ids = queues.flat();
  const began = performance.now();
  for (const id of ids) remove(id);
  return (ids.length * 1000) / (performance.now() - began);
}

answerCalls({ open, run });
