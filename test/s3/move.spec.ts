import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, environmentOf } from '../support/admin.js';
import { BucketView } from '../support/bucket.js';
import type { Client } from '../support/client.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { follow, share } from '../support/sharing.js';
import { onS3 } from '../support/store.js';
import { TusClient } from '../support/tus.js';
import { blobsIn, sha256 } from '../support/violations.js';
import { findMoveViolations } from './moving.js';

const MIB = 2 ** 20;

type Step = readonly [failpoint: string, way: 'toBucket' | 'toDisk'];
const FEW: readonly Step[] = [
  ['move.published', 'toBucket'],
  ['move.switched', 'toDisk'],
];
/** All of them with MOVE_LONG=1: each costs three starts of a server. */
const STEPS: readonly Step[] = process.env.MOVE_LONG
  ? [
      ...FEW,
      ['move.claimed', 'toBucket'],
      ['move.copied', 'toDisk'],
      ['move.proved', 'toBucket'],
      ['move.published', 'toDisk'],
      ['move.switched:7', 'toBucket'],
      ['removal.unlinked:2', 'toDisk'],
      ['removal.settled', 'toBucket'],
      ['move.proved', 'toDisk'],
    ]
  : FEW;

/** A drive that goes from its disk to a real store and back, as a process that can be killed. */
describe.skipIf(!onS3())('a drive that moves', { timeout: 120_000 }, () => {
  let environment: NodeJS.ProcessEnv;
  let server: Server;
  let bucket: BucketView;
  let probe: Probe;
  let client: Client;
  let ways: Record<'onDisk' | 'toBucket' | 'inBucket' | 'toDisk', NodeJS.ProcessEnv>;

  beforeAll(async () => {
    const { STORAGE_URL: url = '', ...others } = await Server.environment({ DEFAULT_MAX_FILES: '1000' });
    environment = others;
    ways = {
      onDisk: { STORAGE_URL: '', STORAGE_FORMER: '' },
      toBucket: { STORAGE_URL: url, STORAGE_FORMER: 'file:' },
      inBucket: { STORAGE_URL: url, STORAGE_FORMER: '' },
      toDisk: { STORAGE_URL: '', STORAGE_FORMER: url },
    };
    bucket = new BucketView(url);
    server = await Server.start({ ...environment, ...ways.onDisk });
    probe = await openProbe(server.config);
    client = await server.client.signUp('alice');
  });
  afterAll(async () => {
    await server.kill('SIGTERM');
    await probe.close();
    bucket.close();
    rmSync(dirname(environment.DATA_DIR!), { recursive: true, force: true });
  });

  async function restart(way: keyof typeof ways, settings: NodeJS.ProcessEnv = {}): Promise<void> {
    if (server.process.exitCode === null && server.process.signalCode === null) await server.kill('SIGTERM');
    server = await Server.start({ ...environment, ...ways[way], ...settings });
  }

  const command = (way: keyof typeof ways, ...args: string[]) =>
    admin(server.config, args, { environment: { ...environmentOf(server.config), ...ways[way] } });
  const nameOf = (way: 'toBucket' | 'toDisk') => {
    const { host, pathname } = new URL(bucket.url);
    return way === 'toDisk' ? 'file:' : `s3://${host}${pathname}`;
  };
  const move = (way: 'toBucket' | 'toDisk', ...more: string[]) =>
    command(way, 'storage', 'move', '--to', nameOf(way), ...more);
  const bytesOf = async (id: number) =>
    Buffer.from(await (await client.fetch(`/api/files/${id}/content`)).arrayBuffer());
  const violations = () => findMoveViolations(probe, server.config.dataDir, bucket);

  it('goes from the disk to the bucket and back, while it is used, and every byte with it', async () => {
    const contents = new Map<number, string>();
    const add = async (name: string, bytes: Buffer | string) => {
      const { id } = await client.file(name, bytes as string);
      contents.set(id, sha256(bytes));
      return id;
    };
    await add('empty', '');
    await add('a+b %41 é&.txt', 'an odd name');
    await add('large', Buffer.alloc(11 * MIB, 'large, '));
    for (let n = 0; n < 20; n += 1) await add(`small ${n}`, `bytes of ${n}`);
    const shared = await share(client, { oneTimeUse: true });
    contents.set(shared.file.id, shared.file.sha256);

    for (const way of ['toBucket', 'toDisk'] as const) {
      await restart(way);
      const plan = await move(way, '--dry-run', '--json');
      expect(plan.json[0]).toMatchObject({ type: 'plan', files: contents.size, unfinished: 0 });
      const moving = move(way, '--json');
      const { files } = (await client.get('/api/files?limit=100')).body;
      const [deleted, ...kept] = files
        .map(({ id }: { id: number }) => id)
        .filter((id: number) => id !== shared.file.id);
      expect((await client.delete(`/api/files/${deleted}`)).status).toBe(200);
      contents.delete(deleted);
      await add(`new on the way, ${way}`, way);
      for (const id of kept) expect([id, sha256(await bytesOf(id))]).toEqual([id, contents.get(id)]);
      const { code, err, json } = await moving;
      expect([code, err]).toEqual([0, expect.not.stringContaining('error: ')]);
      expect(json.at(-1)).toMatchObject({ type: 'verdict', left: { files: 0, unfinished: 0 } });
      expect(await violations()).toEqual([]);
      expect((await command(way, 'storage', 'check', '--deep')).out).toContain('The drive is clean.');
      expect(await bucket.keys()).toHaveLength(way === 'toBucket' ? contents.size : 0);
      await restart(way === 'toBucket' ? 'inBucket' : 'onDisk');
      for (const [id, hash] of contents) expect([id, sha256(await bytesOf(id))]).toEqual([id, hash]);
    }
    expect(blobsIn(server.config.dataDir)).toHaveLength(contents.size);
    expect((await follow(shared.link)).status).toBe(200);
    expect((await follow(shared.link)).status).toBe(403);
  });

  it.each(STEPS)('killed at %s, %s, goes on by itself after the restart', async (failpoint, way) => {
    await restart(way === 'toBucket' ? 'onDisk' : 'inBucket');
    await client.file(`${failpoint} ${way}`, Buffer.alloc(6 * MIB, failpoint) as unknown as string);
    await restart(way, { FAILPOINT: failpoint });
    const killed = await move(way);
    expect((await server.ended).signal).toBe('SIGKILL');
    expect([killed.code, killed.err]).toEqual([1, expect.stringContaining('the next one goes on with the move')]);
    await restart(way);
    expect((await move(way)).code).toBe(0);
    expect(await violations()).toEqual([]);
    expect((await command(way, 'storage', 'check', '--deep')).code).toBe(0);
  });

  it('is moved by the command alone where no server runs, again after kill -9, and an unfinished upload follows', async () => {
    const tus = new TusClient(client);
    await restart('toDisk');
    expect((await move('toDisk')).code).toBe(0);
    await restart('onDisk');
    const whole = Buffer.alloc(3 * MIB, 'in parts, ');
    const path = await tus.begin('unfinished', whole.length);
    await tus.append(path, 0, whole.subarray(0, MIB));
    await restart('toBucket');
    await server.kill('SIGTERM');
    const settings = { ...environmentOf(server.config), ...ways.toBucket, FAILPOINT: 'move.published:3' };
    const args = ['storage', 'move', '--to', nameOf('toBucket')];
    expect((await admin(server.config, args, { environment: settings })).signal).toBe('SIGKILL');
    const moved = await move('toBucket');
    expect([moved.code, moved.out]).toEqual([2, expect.stringContaining('1 unfinished uploads go on in file:')]);
    await restart('toBucket');
    expect((await tus.append(path, MIB, whole.subarray(MIB))).status).toBe(204);
    expect((await move('toBucket')).code).toBe(0);
    expect(await violations()).toEqual([]);
    await restart('inBucket');
    expect((await command('inBucket', 'storage', 'check', '--deep')).code).toBe(0);
  });
});
