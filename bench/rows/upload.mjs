// Uploads over HTTP: small, middle and big.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { Drive, upload } from '../support/drive.mjs';
import { clear } from '../support/files.mjs';
import { startNginx } from '../support/nginx.mjs';
import { Remote } from '../support/remote.mjs';
import { syncDisk } from '../support/seed.mjs';

const ROWS = {
  alone: row('upload 1 KiB, 1 client : floor', 0.35),
  crowd: row('upload 1 KiB, 16 clients : floor', 1),
  middle: row('upload 10 MiB : nginx WebDAV PUT', 0.5, { needs: ['nginx'] }),
  big: row('upload 1 GiB : bare multipart reader', 0.85),
};
const KIB = 1024;
const MIB = 1024 * KIB;

export const rows = Object.values(ROWS);

export async function run(bench) {
  const drive = await Drive.start(bench, 'upload');
  const load = new Remote(new URL('../support/load.mjs', import.meta.url));
  const send = new Sender(drive, load);
  if (bench.wants(ROWS.alone, ROWS.crowd)) await small(bench, send);
  if (bench.wants(ROWS.middle)) await middle(bench, send);
  if (bench.wants(ROWS.big)) await big(bench, send);
  await Promise.all([drive.stop(), load.close()]);
}

/** Uploads under names that were never used before. */
class Sender {
  #next = 1;

  constructor(drive, load) {
    this.drive = drive;
    this.load = load;
  }

  /** @returns uploads per second */
  async upload(clients, count, size) {
    const requests = this.#numbers(count).map((number) => upload(this.drive, `new-${number}.bin`, size));
    const { url } = this.drive;
    return (await this.load.call('send', { url, clients, requests, status: 200 })).perSecond;
  }

  /** The same bodies, without multipart. @returns uploads per second */
  async put(url, count, size) {
    const requests = this.#numbers(count).map((number) => ({
      method: 'PUT',
      path: `/new-${number}.bin`,
      body: { head: '', size, tail: '' },
    }));
    return (await this.load.call('send', { url, clients: 1, requests, status: 201 })).perSecond;
  }

  clear() {
    return clear(this.drive, this.load, 8);
  }

  #numbers(count) {
    return Array.from({ length: count }, () => (this.#next += 1));
  }
}

/** Neither side's directory is emptied: an emptied one is slower to sync. */
async function small(bench, sender) {
  const floor = new Remote(new URL('../floors/store.mjs', import.meta.url));
  await floor.call('open', join(bench.directory, 'store-floor'));
  const count = bench.count(1000, 16);
  let from = 1;
  const store = () => {
    from += count;
    return floor.call('run', { from: from - count, count, size: KIB });
  };
  // A drive is in use for days; after so many requests its code is compiled.
  await sender.upload(16, bench.count(12_000, 16), KIB);
  await bench.compare(ROWS.alone, () => sender.upload(1, count, KIB), store);
  await bench.compare(ROWS.crowd, () => sender.upload(16, 2 * count, KIB), store);
  await bench.curve('upload', (clients) => sender.upload(clients, count, KIB), store);
  floor.close();
  await sender.clear();
}

async function middle(bench, sender) {
  const nginx = await startNginx(bench.directory);
  const count = bench.count(60);
  await bench.compare(
    ROWS.middle,
    async () => {
      const perSecond = await sender.upload(1, count, 10 * MIB);
      await sender.clear();
      syncDisk(bench.directory);
      return perSecond;
    },
    async () => {
      const perSecond = await sender.put(nginx.url, count, 10 * MIB);
      rmSync(nginx.root, { recursive: true });
      mkdirSync(nginx.root);
      syncDisk(bench.directory);
      return perSecond;
    },
  );
  await nginx.stop();
}

async function big(bench, sender) {
  const directory = join(bench.directory, 'multipart-floor');
  mkdirSync(directory);
  const floor = new Remote(new URL('../floors/multipart.mjs', import.meta.url));
  const url = await floor.call('open', directory);
  const size = bench.count(1024) * MIB;
  await bench.compare(
    ROWS.big,
    async () => {
      const perSecond = await sender.upload(1, 1, size);
      await sender.clear();
      syncDisk(bench.directory);
      return perSecond;
    },
    async () => {
      const requests = [upload(sender.drive, 'big.bin', size)];
      const { perSecond } = await sender.load.call('send', { url, clients: 1, requests, status: 200 });
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
      syncDisk(bench.directory);
      return perSecond;
    },
  );
  floor.close();
}
