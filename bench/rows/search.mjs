// What a search, or a count, through very many files of one user costs somebody else.
import { row } from '../support/bench.mjs';
import { Drive } from '../support/drive.mjs';
import { Remote } from '../support/remote.mjs';
import { wrk } from '../support/wrk.mjs';

const NEEDS = ['wrk'];
const lower = (name) => row(name, 2, { better: 'lower', needs: NEEDS });
const ROWS = {
  search: lower("p99 of another user's small request, beside searches through 1e6 files : idle"),
  stats: lower("p99 of another user's small request, beside statistics of 1e6 files : idle"),
  jumps: lower("p99 of another user's small request, beside jumps to the end of 1e6 files : idle"),
};
const PATHS = {
  search: '/api/files?q=nowhere',
  stats: '/api/files/stats',
  jumps: '/api/files?position=%d&limit=50',
};
/** Of the one user. As many as have their turn: who is refused costs nothing. */
const AT_ONCE = 2;
const SMALL = '/api/user/limits';

export const rows = Object.values(ROWS);

export async function run(bench) {
  const drive = await Drive.start(bench, 'search');
  const count = bench.form.files.at(-1);
  await drive.seed(count, { blobs: false });
  const other = await drive.enter('somebody-else');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const { seconds } = bench.form;
  const small = async () => (await wrk(drive.url + SMALL, { clients: 1, seconds, token: other })).p99;
  for (const [name, one] of Object.entries(ROWS)) {
    const request = {
      method: 'GET',
      path: PATHS[name].replace('%d', String(count - 50)),
      headers: drive.authorization,
    };
    const work = () => load.call('repeat', { url: drive.url, clients: AT_ONCE, seconds, request, status: 200 });
    await bench.compare(one, async () => (await Promise.all([small(), work()]))[0], small);
  }
  load.close();
  await drive.stop();
}
