import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Mounts } from '../crash/support/mounts.js';
import { findMoveViolations } from '../s3/moving.js';
import { admin, environmentOf } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { describeWith } from '../support/engines.js';
import { Pair } from '../support/pair.js';
import { testEngine } from '../support/probe.js';
import { S3Stub } from '../support/s3-stub.js';
import { Server } from '../support/server.js';
import { onS3 } from '../support/store.js';
import { until } from '../support/until.js';
import { blobsIn, findViolations, sha256 } from '../support/violations.js';

const MIB = 2 ** 20;
/** Milliseconds for which a store leaves a request be: longer than it takes to kill who has sent it, and to undo what he had under way. */
const HELD_MS = 8_000;
/** Milliseconds that undoing a copy takes at least: longer than the workers sleep, who must not find it due meanwhile. */
const UNDONE_MS = 1_200;

/** Two servers that both see the disk, as where that is in the network, and serve while all of it goes to a bucket. */
class Moving {
  /** The hashes of the files that there are to be, by their ids. */
  readonly books = new Map<number, string>();

  private constructor(
    readonly pair: Pair,
    readonly clients: readonly Client[],
  ) {}

  /** @param names of files that are on the disk */
  static async start(mounts: Mounts, files: Record<string, string | Buffer>, settings: NodeJS.ProcessEnv = {}) {
    const environment = await Pair.environment(settings);
    const onDisk = await Server.start({ ...environment, STORAGE_URL: '' });
    const alice = await onDisk.client.signUp('alice');
    const made = await Promise.all(Object.entries(files).map(([name, bytes]) => alice.file(name, bytes as string)));
    await onDisk.kill('SIGTERM');
    const uploads = join(environment.DATA_DIR!, 'uploads');
    const pair = await Pair.on({ ...environment, STORAGE_FORMER: 'file:' }, (dataDir) =>
      mounts.bind(join(dataDir, 'uploads'), uploads),
    );
    const moving = new Moving(pair, [alice, pair.at(pair.b, alice)]);
    for (const { id, name } of made) moving.books.set(id, sha256(files[name]!));
    return moving;
  }

  move() {
    const { host, pathname } = new URL(this.pair.bucket.url);
    const { STORAGE_URL, STORAGE_FORMER, SERVER_LEASE } = this.pair.a.environment;
    const environment = { ...environmentOf(this.pair.a.config), STORAGE_URL, STORAGE_FORMER, SERVER_LEASE };
    const args = ['storage', 'move', '--to', `s3://${host}${pathname}`, '--json'];
    return admin(this.pair.a.config, args, { environment });
  }

  /** Uploads, deletes and reads at one of the servers, of its own share of the files, until it is over. */
  async use(at: number, isOver: () => boolean): Promise<void> {
    const client = this.clients[at]!;
    const any = () => {
      const ids = [...this.books.keys()].filter((id) => id % this.clients.length === at);
      return ids[Math.floor(Math.random() * ids.length)]!;
    };
    for (let round = 0; !isOver(); round += 1) {
      const bytes = `bytes of ${at}, ${round}`;
      const { id } = await client.file(`new ${at} ${round}`, bytes);
      this.books.set(id, sha256(bytes));
      const deleted = any();
      this.books.delete(deleted);
      const read = any();
      const answers = [client.delete(`/api/files/${deleted}`), client.fetch(`/api/files/${read}/content`)] as const;
      const [gone, content] = await Promise.all(answers);
      expect([gone.status, content.status]).toEqual([200, 200]);
      expect(sha256(Buffer.from(await content.arrayBuffer()))).toBe(this.books.get(read));
    }
  }

  /** What is not as it must be once all is moved and every removal is carried out. */
  async violations(): Promise<string[]> {
    const { pair, books } = this;
    // As if the time had come after which nothing of a dead server can arrive.
    await pair.probe.run('UPDATE blobRemovals SET nextAttemptAt = 0');
    await until(async () => (await pair.count('blobRemovals')) === 0);
    const rows = await pair.probe.rows<{ id: number; sha256: string }>('SELECT id, sha256 FROM files');
    const lost = [...books].filter(([id, hash]) => rows.find((row) => row.id === id)?.sha256 !== hash);
    return [
      ...lost.map(([id]) => `lost ${id}`),
      ...rows.filter(({ id }) => !books.has(id)).map(({ id }) => `more than there is to be ${id}`),
      ...blobsIn(pair.a.config.dataDir).map(({ key }) => `left on the disk ${key}`),
      ...(await findMoveViolations(pair.probe, pair.a.config.dataDir, pair.bucket)),
      ...(await pair.settled()),
      ...(await pair.probe.rows('SELECT fileId FROM receipts WHERE bytesGoneAt IS NULL')).map(() => 'a receipt waits'),
    ];
  }
}

const files = (count: number, size: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${size} ${n}`, Buffer.alloc(size, `bytes of ${n}, `)]));

/** `DB=mariadb BLOBS=s3` */
describe.skipIf(!onS3() || testEngine() !== 'mariadb')('a drive of two servers that moves', { timeout: 90_000 }, () => {
  describeWith('tmpfs', 'from a disk that both see', () => {
    const mounts = new Mounts();
    let moving: Moving | undefined;
    let stub: S3Stub | undefined;
    afterEach(async () => {
      await moving?.pair.stop();
      mounts.release();
      await stub?.stop();
      moving = stub = undefined;
    });

    it('loses nothing and leaves nothing, while both take uploads, deletes and downloads', async () => {
      moving = await Moving.start(mounts, { ...files(60, 1000), ...files(3, 9 * MIB), empty: '' });
      let isOver = false;
      const load = [0, 1].map((at) => moving!.use(at, () => isOver));
      const done = moving.move().finally(() => (isOver = true));
      const [{ code, err, json }] = await Promise.all([done, ...load]);
      expect([code, err]).toEqual([0, expect.not.stringContaining('error: ')]);
      expect(json.at(-1)).toMatchObject({ type: 'verdict', left: { files: 0, unfinished: 0 } });
      expect(await moving.violations()).toEqual([]);
    });

    it('goes on at the other when the one dies that moves it, and leaves nothing of what that had under way', async () => {
      stub = await S3Stub.start();
      const { objects, seen } = stub;
      moving = await Moving.start(mounts, files(12, 1000), { STORAGE_URL: stub.url });
      const { pair, clients, books } = moving;
      const puts = () => seen.filter((operation) => operation === 'PutObject').length;
      const late: string[] = [];
      const set = objects.set.bind(objects);
      objects.set = (key, object) => (late.push(key), set(key, object));
      stub.meetAll('PutObject', { kind: 'held', ms: HELD_MS });
      const before = puts();
      const done = moving.move();
      await until(() => puts() === before + 4);
      const copies = await pair.probe.rows<{ fileId: number; storageKey: string }>(
        'SELECT fileId, storageKey FROM blobRemovals',
      );
      const { fileId } = copies[0]!;
      expect((await clients[1]!.delete(`/api/files/${fileId}`)).status).toBe(200);
      books.delete(fileId);
      expect(late).toEqual([]);
      await pair.a.kill();
      stub.forgive();
      stub.meet('ListMultipartUploads', ...copies.slice(1).map(() => ({ kind: 'slow', ms: UNDONE_MS }) as const));
      expect((await done).code).toBe(0);
      await until(() => copies.every(({ storageKey }) => late.includes(storageKey)));
      expect(await findViolations(pair.probe, '', pair.bucket)).toEqual([]);
      expect(await pair.count('receipts', 'bytesGoneAt IS NULL')).toBe(1);
      expect(await moving.violations()).toEqual([]);
    });
  });
});
