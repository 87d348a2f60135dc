// The drive's own delete, without HTTP and without bytes: its transaction alone. A module for `Remote`.
import { Logger } from '@nestjs/common';
import { importBuilt } from './built.mjs';
import { answerCalls } from './remote.mjs';

const { openDatabase } = await importBuilt('libs/database/src/index.js');
const { Usage } = await importBuilt('libs/accounts/src/usage.js');
const { FilesService } = await importBuilt('libs/files/src/files.service.js');
const { Downloads } = await importBuilt('libs/files/src/content/downloads.js');
const { DeleteTransaction } = await importBuilt('libs/files/src/removals/delete-transaction.js');
Logger.overrideLogger(false);

let database;
let files;

/** Opens a drive's database, which is made if need be. */
async function open(settings) {
  database = await openDatabase(settings);
  const bytesStay = { removeBytes: async () => undefined };
  const noCache = { drop: () => undefined };
  const { reader, units } = database;
  const downloads = new Downloads();
  const usage = new Usage(reader);
  const transaction = new DeleteTransaction(reader, { receipts: 'on' }, units, usage, downloads, noCache);
  files = new FilesService(units, transaction, bytesStay, downloads);
}

/** Deletes the records of each queue in turn, the queues side by side. @returns deletes per second */
async function run(queues) {
  const records = await Promise.all(queues.map(recordsOf));
  const began = performance.now();
  await Promise.all(
    records.map(async (queue) => {
      for (const file of queue) await files.remove(file);
    }),
  );
  return (queues.flat().length * 1000) / (performance.now() - began);
}

async function recordsOf(ids) {
  const rows = await database.reader.query(`SELECT * FROM files WHERE id IN (${ids.join(', ')})`);
  if (rows.length !== ids.length) throw new Error('Some files are not there');
  return rows;
}

answerCalls({ open, run });
