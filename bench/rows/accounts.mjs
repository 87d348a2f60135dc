// The guard that stands before every route, and log-ins.
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { Drive, JWT_SECRET } from '../support/drive.mjs';
import { Remote } from '../support/remote.mjs';
import { wrk } from '../support/wrk.mjs';

const ROWS = {
  guard: row('guarded route, 16 clients : bare Fastify', 0.7, { needs: ['wrk'] }),
  logIn: row('log-in, 8 clients : bare argon2id', 0.85),
  storm: row('p99 of a list, in a storm of log-ins : idle', 4, { better: 'lower', needs: ['wrk'] }),
};
const GUARDED = '/api/user/limits';

export const rows = Object.values(ROWS);

export async function run(bench) {
  const drive = await Drive.start(bench, 'accounts');
  if (bench.wants(ROWS.guard)) await guard(bench, drive);
  if (bench.wants(ROWS.logIn, ROWS.storm)) await logIns(bench, drive);
  await drive.stop();
}

/** The cheapest route there is: token, session, and the one row that it shows. The floor does all of these, too. */
async function guard(bench, drive) {
  const floor = new Remote(new URL('../floors/fastify.mjs', import.meta.url));
  const url = await floor.call('open', { file: join(drive.dataDir, 'defdrive.sqlite'), secret: JWT_SECRET });
  const options = { clients: 16, seconds: bench.form.seconds, token: drive.token };
  const perSecond = (base) => async () => (await wrk(base + GUARDED, options)).perSecond;
  await bench.compare(ROWS.guard, perSecond(drive.url), perSecond(url));
  floor.close();
}

async function logIns(bench, drive) {
  const floor = new Remote(new URL('../floors/argon2.mjs', import.meta.url));
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const { seconds } = bench.form;
  const storm = (duration) =>
    load.call('repeat', { url: drive.url, clients: 8, seconds: duration, request: drive.logIn, status: 200 });
  await bench.compare(
    ROWS.logIn,
    async () => (await storm(seconds)).perSecond,
    () => floor.call('run', seconds),
  );
  await drive.seed(1000, { blobs: false });
  const list = async () => (await wrk(`${drive.url}/api/files`, { clients: 4, seconds, token: drive.token })).p99;
  await bench.compare(ROWS.storm, async () => (await Promise.all([list(), storm(seconds)]))[0], list);
  floor.close();
  load.close();
}
