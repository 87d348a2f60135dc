// Deletes: over HTTP, and the transaction alone.
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { importBuilt } from '../support/built.mjs';
import { bulkRemoval, Drive, removal } from '../support/drive.mjs';
import { startMariaDb } from '../support/mariadb.mjs';
import { Remote } from '../support/remote.mjs';
import { openSeeder, seedFiles, seedOwners, syncDisk, writeBlobs } from '../support/seed.mjs';

const ROWS = {
  alone: row('DELETE, 1 client : floor', 0.45),
  crowd: row('DELETE, 16 clients : floor', 1.2),
  bulk: row('delete 500 files in one request : in 500 requests of one client', 8),
  tail: row('DELETE, 16 clients, p99 : p50', 6, { better: 'lower' }),
  sqlite: row('delete transaction, SQLite : raw driver', 0.9),
  mariadb: row('delete transaction, MariaDB, 16 clients : raw driver', 0.85, { needs: ['mariadb'] }),
};
const ACCESSES = 3;
/** Files of one bulk request. */
const MOST_AT_ONCE = 500;
const STORAGE = '00000000-0000-4000-8000-000000000000';

export const rows = Object.values(ROWS);

export async function run(bench) {
  if (bench.wants(ROWS.alone, ROWS.crowd, ROWS.bulk, ROWS.tail)) await overHttp(bench);
  if (bench.wants(ROWS.sqlite)) await onSqlite(bench);
  if (bench.wants(ROWS.mariadb)) await onMariaDb(bench);
}

async function overHttp(bench) {
  const drive = await Drive.start(bench, 'delete');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const floor = await Records.open(bench, 'delete-floor', openFloor, { blobs: true });
  const remove = async (clients, count) => {
    const ids = await drive.seed(count, { accesses: ACCESSES });
    const requests = ids.map((id) => removal(drive, id));
    return load.call('send', { url: drive.url, clients, requests, status: 200 });
  };
  const count = bench.count(1000, 16);
  const perSecond = (clients, factor = 1) => remove(clients, factor * count).then((result) => result.perSecond);
  // A drive is in use for days; after so many requests its code is compiled.
  await remove(16, bench.count(12_000, 16));
  await bench.compare(
    ROWS.alone,
    () => perSecond(1),
    () => floor.remove(count),
  );
  await bench.compare(
    ROWS.crowd,
    () => perSecond(16, 4),
    () => floor.remove(count),
  );
  await bench.compare(
    ROWS.bulk,
    () => removeMany(drive, load),
    () => remove(1, MOST_AT_ONCE).then((result) => result.perSecond),
  );
  await bench.repeat(ROWS.tail, async () => {
    const { p50, p99 } = await remove(16, 4 * count);
    return p99 / p50;
  });
  await bench.curve('delete', perSecond, () => floor.remove(count));
  await Promise.all([drive.stop(), floor.close(), load.close()]);
}

/** Deletes as many files as one request may name. @returns files per second */
async function removeMany(drive, load) {
  const ids = await drive.seed(MOST_AT_ONCE, { accesses: ACCESSES });
  const requests = [bulkRemoval(drive, ids)];
  const { perSecond } = await load.call('send', { url: drive.url, clients: 1, requests, status: 200 });
  return perSecond * MOST_AT_ONCE;
}

/** A database on SQLite with one owner, and whoever deletes his files. */
class Records {
  /** @type {string} */
  directory;
  /** Where the bytes are, if there are any. @type {string | undefined} */
  uploads;
  /** @type {Awaited<ReturnType<typeof openSeeder>>} */
  seeder;
  /** @type {{ id: number, username: string }} */
  owner;
  /** @type {Remote} */
  remover;
  #next = 1;

  static async open(bench, name, openRemover, { blobs = false } = {}) {
    const records = new Records();
    records.directory = join(bench.directory, name);
    const file = join(records.directory, 'defdrive.sqlite');
    records.uploads = blobs ? join(records.directory, 'uploads') : undefined;
    await makeSchema({ dataDir: records.directory });
    records.seeder = await openSeeder(file);
    [records.owner] = await seedOwners(records.seeder, ['bench']);
    records.remover = await openRemover({ dataDir: records.directory, file, uploads: records.uploads });
    return records;
  }

  /** @returns deletes per second */
  async remove(count) {
    const files = { owner: this.owner, storageId: STORAGE, from: this.#next, count, accesses: ACCESSES };
    this.#next += count;
    if (this.uploads) writeBlobs(this.uploads, files);
    const ids = await seedFiles(this.seeder, files);
    syncDisk(this.directory);
    return this.remover.call('run', [ids]);
  }

  close() {
    this.remover.close();
    return this.seeder.close();
  }
}

async function onSqlite(bench) {
  const drive = await Records.open(bench, 'transaction', openTransactions);
  const floor = await Records.open(bench, 'transaction-floor', openFloor);
  const count = bench.count(6000);
  await bench.compare(
    ROWS.sqlite,
    () => drive.remove(count),
    () => floor.remove(count),
  );
  await Promise.all([drive.close(), floor.close()]);
}

/** Sixteen clients are sixteen people: transactions of one owner would wait for each other on either side. */
async function onMariaDb(bench) {
  const server = await startMariaDb(bench.directory);
  const each = Math.ceil(bench.count(4000, 16) / 16);
  const open = async (name, openRemover) => {
    const databaseUrl = await server.createDatabase(name);
    await makeSchema({ dataDir: bench.directory, databaseUrl });
    const seeder = await openSeeder(databaseUrl);
    const owners = await seedOwners(
      seeder,
      Array.from({ length: 16 }, (_, number) => `owner${number}`),
    );
    const remover = await openRemover({ dataDir: bench.directory, databaseUrl });
    let from = 1;
    const remove = async () => {
      const queues = [];
      for (const owner of owners) {
        queues.push(await seedFiles(seeder, { owner, storageId: STORAGE, from, count: each, accesses: ACCESSES }));
      }
      from += each;
      return remover.call('run', queues);
    };
    const close = () => Promise.all([seeder.close(), remover.close()]);
    return { remove, close };
  };
  const drive = await open('drive', openTransactions);
  const floor = await open('floor', openMariaDbFloor);
  await bench.compare(ROWS.mariadb, drive.remove, floor.remove);
  await Promise.all([drive.close(), floor.close()]);
  await server.stop();
}

async function opened(module, settings) {
  const remote = new Remote(new URL(module, import.meta.url));
  await remote.call('open', settings);
  return remote;
}

const openTransactions = (settings) => opened('../support/transactions.mjs', settings);
const openFloor = (settings) => opened('../floors/delete.mjs', settings);
const openMariaDbFloor = (settings) => opened('../floors/delete-mariadb.mjs', settings);

async function makeSchema(settings) {
  const { prepareDataDirectory } = await importBuilt('libs/data-directory/src/index.js');
  const { openDatabase } = await importBuilt('libs/database/src/index.js');
  prepareDataDirectory(settings.dataDir);
  const database = await openDatabase(settings);
  await database.close();
}
