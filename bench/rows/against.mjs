// This build against another one in a checkout of its own, built there: what a change has won or lost.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { row } from '../support/bench.mjs';
import { SERVER } from '../support/built.mjs';
import { processorTimeOf } from '../support/process.mjs';
import { syncDisk } from '../support/seed.mjs';
import { wrk } from '../support/wrk.mjs';
import { compareStarts, startable } from './rest.mjs';

const GET = { needs: ['wrk'] };
const LOWER = { better: /** @type {const} */ ('lower') };
const ROWS = {
  upload: row('upload 1 KiB, 1 client : the other build', 1.3),
  uploads: row('upload 1 KiB, 16 clients : the other build', 1.5),
  remove: row('DELETE, 1 client : the other build', 1.15),
  removes: row('DELETE, 16 clients : the other build', 1.1),
  guard: row('guarded route, 16 clients : the other build', 1.25, GET),
  cookie: row('guarded route by cookie, 16 clients : the other build by JWT', 0.95, GET),
  token: row('guarded route by API token, 16 clients : the other build by JWT', 0.95, GET),
  list: row('list of 50, 16 clients : the other build', 1.2, GET),
  alone: row('download 1 KiB, 1 client : the other build', 0.97, GET),
  download: row('download 1 KiB, 16 clients : the other build', 1.5, GET),
  megabyte: row('download 1 MiB, 16 clients : the other build', 0.97, GET),
  health: row('health, 16 clients : the other build', 1.6, GET),
  processor: row('upload 1 GiB, processor time : the other build', 1, LOWER),
  start: row('processor time of a start : the other build', 0.75, LOWER),
  memory: row('memory at rest : the other build', 0.8, LOWER),
};
const GUARDED = '/api/user/limits';
const ACCESSES = 3;
const KIB = 1024;
const MIB = 1024 * KIB;
const FILES = 1000;

export const rows = Object.values(ROWS);

/** @param checkout directory of the other build */
export async function run(bench, checkout) {
  if (bench.wants(ROWS.start, ROWS.memory)) await starts(bench, resolve(checkout));
  const here = await Side.start(bench, 'this', new URL('../../', import.meta.url).pathname);
  const there = await Side.start(bench, 'other', resolve(checkout));
  const compare = (one, figure) =>
    bench.compare(
      one,
      () => figure(here),
      () => figure(there),
    );
  const seconds = bench.form.seconds;
  const count = bench.count(1000, 16);
  // A drive is in use for days; after so many requests its code is compiled.
  for (const side of [here, there]) await side.upload(16, bench.count(6000, 16), KIB);
  await compare(ROWS.upload, (side) => side.upload(1, count, KIB));
  await compare(ROWS.uploads, (side) => side.upload(16, 2 * count, KIB));
  await compare(ROWS.processor, (side) => side.processorOf(bench.count(1024) * MIB));
  await compare(ROWS.remove, (side) => side.remove(1, count));
  await compare(ROWS.removes, (side) => side.remove(16, 4 * count));
  for (const side of [here, there]) await side.prepare();
  const get = (one, clients, pathOf) => compare(one, (side) => side.get(pathOf(side), clients, seconds));
  await get(ROWS.health, 16, () => '/api/health');
  await get(ROWS.guard, 16, () => GUARDED);
  const known = { cookie: { cookie: await here.drive.openSession() }, token: { token: await here.drive.makeToken() } };
  for (const way of ['cookie', 'token']) {
    await compare(ROWS[way], (side) => side.get(GUARDED, 16, seconds, side === here ? known[way] : undefined));
  }
  await get(ROWS.list, 16, () => '/api/files?limit=50');
  await get(ROWS.alone, 1, (side) => side.small);
  await get(ROWS.download, 16, (side) => side.small);
  await get(ROWS.megabyte, 16, (side) => side.large);
  await Promise.all([here.stop(), there.stop()]);
}

/** Each as its own `npm start` has it. */
async function starts(bench, checkout) {
  const bundle = join(checkout, 'dist/server/main.js');
  const isBundled = existsSync(bundle);
  const allocator = { MALLOC_TRIM_THRESHOLD_: undefined, MALLOC_MMAP_THRESHOLD_: undefined };
  const theirs = await startable(
    bench,
    'starts-other',
    isBundled ? bundle : join(checkout, 'dist/apps/api/src/main.js'),
    isBundled ? {} : allocator,
  );
  await compareStarts(bench, ROWS, await startable(bench, 'starts-this', SERVER), theirs);
}

/** A drive of one of the builds, with that build's own tools: it is they that know its tables. */
class Side {
  /** @type {import('../support/drive.mjs').Drive} */
  drive;
  /** @type {import('../support/remote.mjs').Remote} */
  load;
  /** @type {typeof import('../support/drive.mjs').upload} */
  uploadOf;
  /** @type {typeof import('../support/drive.mjs').removal} */
  removalOf;
  #next = 0;

  static async start(bench, name, root) {
    const side = new Side();
    const load = (path) => import(pathToFileURL(join(root, 'bench/support', path)).href);
    const [{ Drive, upload, removal }, { Remote }] = await Promise.all([load('drive.mjs'), load('remote.mjs')]);
    Object.assign(side, { uploadOf: upload, removalOf: removal });
    side.drive = await Drive.start({ directory: join(bench.directory, `against-${name}`) }, 'drive');
    side.load = new Remote(pathToFileURL(join(root, 'bench/support/load.mjs')));
    return side;
  }

  async send(clients, requests) {
    return (await this.load.call('send', { url: this.drive.url, clients, requests, status: 200 })).perSecond;
  }

  upload(clients, count, size) {
    const requests = Array.from({ length: count }, () => this.uploadOf(this.drive, this.#name(), size));
    return this.send(clients, requests);
  }

  async remove(clients, count) {
    const ids = await this.drive.seed(count, { accesses: ACCESSES });
    return this.send(
      clients,
      ids.map((id) => this.removalOf(this.drive, id)),
    );
  }

  /** Makes what is to be read. */
  async prepare() {
    await this.drive.seed(FILES, { blobs: false });
    this.small = await this.#content(KIB);
    this.large = await this.#content(MIB);
  }

  /** @param known by what it is known who asks, if not by the token of the log-in */
  async get(path, clients, seconds, known = { token: this.drive.token }) {
    return (await wrk(this.drive.url + path, { clients, seconds, ...known })).perSecond;
  }

  /** Milliseconds of processor time that an upload takes. It goes then: to find memory for what stays would cost as much again. */
  async processorOf(size) {
    const name = this.#name();
    const before = processorTimeOf(this.drive.pid);
    await this.send(1, [this.uploadOf(this.drive, name, size)]);
    const taken = processorTimeOf(this.drive.pid) - before;
    const { files } = await this.drive.get(`/api/files?q=${name}`);
    await this.send(1, [this.removalOf(this.drive, files[0].id)]);
    syncDisk(this.drive.dataDir);
    return taken;
  }

  async stop() {
    this.load.close();
    await this.drive.stop();
  }

  async #content(size) {
    const name = this.#name();
    await this.send(1, [this.uploadOf(this.drive, name, size)]);
    const { files } = await this.drive.get(`/api/files?q=${name}`);
    return `/api/files/${files[0].id}/content`;
  }

  #name() {
    return `against-${String((this.#next += 1)).padStart(9, '0')}`;
  }
}
