// Uploads in parts, by tus: against the same bytes by multipart, and against the server that tus's own people make.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { Drive, upload } from '../support/drive.mjs';
import { clear } from '../support/files.mjs';
import { processorTimeOf } from '../support/process.mjs';
import { Remote } from '../support/remote.mjs';
import { syncDisk } from '../support/seed.mjs';

const ROWS = {
  multipart: row('upload 1 GiB in parts of 32 MiB : by multipart', 0.85),
  peer: row('upload 1 GiB in parts of 32 MiB : @tus/server', 0.5),
  processor: row('processor time of @tus/server for it : ours', 1.33),
};
const MIB = 1024 * 1024;

export const rows = Object.values(ROWS);

export async function run(bench) {
  const drive = await Drive.start(bench, 'resumable');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const sides = new Sides(bench, drive, load);
  await sides.open();
  const { ours, multipart, peer } = sides;
  if (bench.wants(ROWS.multipart)) await bench.compare(ROWS.multipart, ours.perSecond, multipart.perSecond);
  if (bench.wants(ROWS.peer)) await bench.compare(ROWS.peer, ours.perSecond, peer.perSecond);
  // The less time the better, and a ratio is the better the higher it is.
  if (bench.wants(ROWS.processor)) await bench.compare(ROWS.processor, ours.perProcessor, peer.perProcessor);
  sides.close();
  await Promise.all([drive.stop(), load.close()]);
}

class Sides {
  #next = 1;

  constructor(bench, drive, load) {
    this.bench = bench;
    this.drive = drive;
    this.load = load;
    this.size = bench.count(1024) * MIB;
    this.directory = join(bench.directory, 'tus-server');
    this.floor = new Remote(new URL('../floors/tus-server.mjs', import.meta.url));
    const ofDrive = async () => processorTimeOf(drive.pid);
    this.ours = this.#side(
      () => this.#parts(drive.url, '/api/uploads', drive.authorization),
      () => this.#clear(),
      ofDrive,
    );
    this.multipart = this.#side(
      () => this.#multipart(),
      () => this.#clear(),
      ofDrive,
    );
    const ofPeer = () => this.floor.call('processorTime');
    this.peer = this.#side(
      () => this.#parts(this.peerUrl, '/files', {}),
      () => this.#empty(),
      ofPeer,
    );
  }

  async open() {
    mkdirSync(this.directory);
    this.peerUrl = await this.floor.call('open', this.directory);
  }

  close() {
    this.floor.close();
  }

  #side(send, clear, processorTime) {
    const perSecond = async () => {
      const rate = await send();
      await clear();
      syncDisk(this.bench.directory);
      return rate;
    };
    const perProcessor = async () => {
      const before = await processorTime();
      await send();
      const spent = (await processorTime()) - before;
      await clear();
      syncDisk(this.bench.directory);
      return 1000 / spent;
    };
    return { perSecond, perProcessor };
  }

  async #parts(url, path, headers) {
    const name = `parts-${(this.#next += 1)}.bin`;
    const { size } = this;
    return (await this.load.call('sendParts', { url, path, headers, name, size, part: 32 * MIB })).perSecond;
  }

  async #multipart() {
    const requests = [upload(this.drive, `whole-${(this.#next += 1)}.bin`, this.size)];
    return (await this.load.call('send', { url: this.drive.url, clients: 1, requests, status: 200 })).perSecond;
  }

  #clear() {
    return clear(this.drive, this.load);
  }

  #empty() {
    rmSync(this.directory, { recursive: true });
    mkdirSync(this.directory);
  }
}
