// Floor of the delete on SQLite: the same statements and the same durability by the raw driver, one delete after the
// other, and the unlink. A module for `Remote`.
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { importBuilt } from '../support/built.mjs';
import { answerCalls } from '../support/remote.mjs';
import { STATEMENTS, valuesOf } from './delete-statements.mjs';

const { SqliteDatabase } = await importBuilt('libs/data-directory/src/sqlite-driver.js');

let remove;

/** @param uploads where the bytes are; without it the records are all that is deleted */
function open({ file, uploads }) {
  const database = new SqliteDatabase(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const statement = Object.fromEntries(Object.entries(STATEMENTS).map(([name, sql]) => [name, database.prepare(sql)]));
  const removeRecords = database.transaction((id) => {
    const found = statement.find.get(id);
    if (!found) throw new Error('The file is not there');
    const { changes } = statement.removeAccesses.run(id);
    statement.removeFile.run(id, found.ownerId);
    const values = valuesOf(found, changes);
    statement.release.run(...values.release);
    if (statement.discount.run(...values.discount).changes === 0) statement.lastOfType.run(...values.lastOfType);
    statement.insertReceipt.run(...values.receipt);
    statement.insertRemoval.run(...values.removal);
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
