// As many links as one owner may have: pages of them, and who else is served meanwhile.
import { row } from '../support/bench.mjs';
import { Drive } from '../support/drive.mjs';
import { startMariaDb } from '../support/mariadb.mjs';
import { wrk } from '../support/wrk.mjs';

const FILES = 20;
const OF_A_FILE = 1000;
const NEEDS = { SQLite: ['wrk'], MariaDB: ['wrk', 'mariadb'] };

/** A rate, so 1.2 times as long is 0.83 times as many. */
const rowsOf = (engine, needs) => ({
  last: row(`accesses, ${engine}, the last page of 20,000 : the first of 50`, 0.83, { needs }),
  middle: row(`accesses, ${engine}, a page in the middle of 20,000 : the first of 50`, 0.83, { needs }),
  beside: row(`p99 of a small request, ${engine}, beside pages of 20,000 accesses : idle`, 2, {
    better: 'lower',
    needs,
  }),
});
const ROWS = { SQLite: rowsOf('SQLite', NEEDS.SQLite), MariaDB: rowsOf('MariaDB', NEEDS.MariaDB) };
const PATH = '/api/accesses?limit=50';
const SMALL = '/api/user/limits';

export const rows = Object.values(ROWS).flatMap((of) => Object.values(of));

export async function run(bench) {
  if (bench.wants(...Object.values(ROWS.SQLite))) await measure(bench, 'SQLite');
  if (!bench.wants(...Object.values(ROWS.MariaDB))) return;
  const server = await startMariaDb(bench.directory);
  await measure(bench, 'MariaDB', await server.createDatabase('accesses'));
  await server.stop();
}

async function measure(bench, engine, databaseUrl) {
  const { last, middle, beside } = ROWS[engine];
  const drive = await Drive.start(bench, `accesses-${engine}`, { databaseUrl });
  await drive.seed(FILES, { accesses: OF_A_FILE, blobs: false });
  const { seconds } = bench.form;
  const pages = (path) => async () =>
    (await wrk(drive.url + path, { clients: 1, seconds, token: drive.token })).perSecond;
  const cursors = await walk(drive);
  const at = (share) => `${PATH}&cursor=${cursors[Math.floor((cursors.length - 1) * share)]}`;
  await bench.compare(last, pages(at(1)), pages(PATH));
  await bench.compare(middle, pages(at(0.5)), pages(PATH));
  const small = async () => (await wrk(drive.url + SMALL, { clients: 1, seconds, token: drive.token })).p99;
  await bench.compare(beside, async () => (await Promise.all([small(), pages(at(0.5))()]))[0], small);
  await drive.stop();
}

/** The cursors of all pages but the first. */
async function walk(drive) {
  const cursors = [];
  for (let cursor = ''; ; cursors.push(cursor)) {
    const { nextCursor } = await drive.get(`${PATH}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    if (nextCursor === null) return cursors;
    cursor = nextCursor;
  }
}
