import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BucketView } from '../support/bucket.js';
import type { Client } from '../support/client.js';
import { admin, environmentOf } from '../support/admin.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { onS3 } from '../support/store.js';
import { TusClient } from '../support/tus.js';
import { until } from '../support/until.js';
import { findViolations, removalsSettled, sha256 } from '../support/violations.js';

const MIB = 2 ** 20;
/** More than one part. */
const LARGE = Buffer.alloc(11 * MIB, 'large, ');

/** A drive whose server can be killed, with rows in the engine of this run and bytes in a real store. */
describe.skipIf(!onS3())('a drive in a store', { timeout: 90_000 }, () => {
  let environment: NodeJS.ProcessEnv;
  let server: Server;
  let bucket: BucketView;
  let probe: Probe;
  let client: Client;

  beforeAll(async () => {
    environment = await Server.environment({ STORAGE_SWEEP: 'off', DEFAULT_MAX_FILES: '1000' });
    bucket = new BucketView(environment.STORAGE_URL!);
    await start();
    probe = await openProbe(server.config);
    client = await server.client.signUp('alice');
  });
  beforeEach(async () => {
    if (server.process.exitCode !== null || server.process.signalCode !== null) await start();
  });
  afterAll(async () => {
    await server.kill('SIGTERM');
    await probe.close();
    bucket.close();
  });

  async function start(settings: NodeJS.ProcessEnv = {}): Promise<void> {
    server = await Server.start({ ...environment, ...settings });
  }

  async function restart(settings: NodeJS.ProcessEnv = {}): Promise<void> {
    await server.kill('SIGTERM');
    await start(settings);
  }

  async function expectTrue(): Promise<void> {
    await removalsSettled(probe);
    expect(await findViolations(probe, server.config.dataDir, bucket)).toEqual([]);
  }

  const command = (...args: string[]) =>
    admin(server.config, args, {
      environment: { ...environmentOf(server.config), STORAGE_URL: environment.STORAGE_URL },
    });
  const names = async () =>
    (await client.get('/api/files?limit=100')).body.files.map((file: { name: string }) => file.name);
  const bytesOf = async (id: number) =>
    Buffer.from(await (await client.fetch(`/api/files/${id}/content`)).arrayBuffer());

  describe('killed at a step', () => {
    it.each([
      ['upload.created', 'small', false],
      ['upload.synced', 'large', false],
      ['upload.published', 'small', false],
      ['upload.published', 'large', false],
      ['upload.live', 'large', true],
    ])('of an upload, %s, has the whole of a %s file or nothing', async (failpoint, size, isThere) => {
      await restart({ FAILPOINT: failpoint });
      const name = `${failpoint} ${size}`;
      await expect(client.upload(name, size === 'small' ? 'some bytes' : LARGE)).rejects.toThrow();
      expect((await server.ended).signal).toBe('SIGKILL');
      await start();
      await expectTrue();
      expect((await names()).includes(name)).toBe(isThere);
      expect((await client.upload(name)).status).toBe(isThere ? 409 : 200);
    });

    it.each(['delete.committed', 'removal.unlinked', 'removal.flushed'])(
      'of a delete, %s, has nothing of the file',
      async (failpoint) => {
        const file = await client.file(failpoint, 'to be deleted');
        await restart({ FAILPOINT: failpoint });
        await client.delete(`/api/files/${file.id}`).catch(() => undefined);
        expect((await server.ended).signal).toBe('SIGKILL');
        await start();
        await expectTrue();
        expect((await bucket.keys()).filter((key) => key.endsWith(`/${failpoint}`))).toEqual([]);
      },
    );
  });

  it('goes on with a resumable upload after kill -9, at no less than was told, with the right bytes in the end', async () => {
    const tus = new TusClient(client);
    const whole = Buffer.concat([LARGE, Buffer.alloc(9 * MIB, 'and more, ')]);
    const path = await tus.begin('resumed.bin', whole.length);
    await tus.append(path, 0, whole.subarray(0, 7 * MIB));
    await restart({ FAILPOINT: 'append.synced' });
    await expect(tus.append(path, 7 * MIB, whole.subarray(7 * MIB, 13 * MIB))).rejects.toThrow();
    expect((await server.ended).signal).toBe('SIGKILL');
    await start();
    expect(await tus.offset(path)).toBe(7 * MIB);
    expect((await command('storage', 'check')).code).toBe(0);
    expect((await tus.append(path, 7 * MIB, whole.subarray(7 * MIB))).status).toBe(204);
    const { files } = (await client.get('/api/files')).body;
    const file = files.find(({ name }: { name: string }) => name === 'resumed.bin');
    expect(file).toMatchObject({ size: whole.length, sha256: sha256(whole) });
    expect((await bytesOf(file.id)).equals(whole)).toBe(true);
    await expectTrue();
  });

  it('is checked, repaired and restored with the same verdicts as on a disk', async () => {
    const [lost, short, other] = await Promise.all(
      ['lost', 'short', 'other'].map((name) => client.file(name, '12345')),
    );
    const keyOf = async ({ id }: { id: number }) =>
      (await probe.rows<{ storageKey: string }>('SELECT storageKey FROM files WHERE id = ?', [id]))[0]!.storageKey;
    expect((await command('storage', 'check', '--deep')).code).toBe(0);
    const keys = { lost: await keyOf(lost!), short: await keyOf(short!), other: await keyOf(other!) };
    await bucket.remove(keys.lost);
    await bucket.put(keys.short, '1234');
    await bucket.put(keys.other, '54321');
    const stray = `alice/${'0123456789abcdef'.repeat(2)}/stray.txt`;
    await bucket.put(stray, 'nobody knows me');
    await bucket.put('alice/notes', 'no key');
    for (const { id } of [lost!, short!]) expect((await client.get(`/api/files/${id}/content`)).status).toBe(500);
    const check = await command('storage', 'check', '--deep', '--json');
    expect(check.code).toBe(2);
    const found = check.json.filter(({ kind }) => kind).map(({ kind, key }) => `${kind} ${key}`);
    expect(found.toSorted()).toEqual(
      [
        `blob-hash ${keys.other}`,
        `blob-missing ${keys.lost}`,
        `blob-size ${keys.short}`,
        `blob-unknown ${stray}`,
        'entry-unknown alice/notes',
      ].toSorted(),
    );
    await server.kill('SIGTERM');
    await command('storage', 'repair', '--apply');
    expect(await bucket.bytes(stray)).toBeUndefined();
    const [, path] = /(\S+stray\.txt)/.exec((await command('storage', 'restore')).out)!;
    expect((await command('storage', 'restore', path!, '--user', 'alice')).code).toBe(0);
    await bucket.remove('alice/notes');
    await start();
    for (const { id } of [lost!, short!, other!]) expect((await client.delete(`/api/files/${id}`)).status).toBe(200);
    const { files } = (await client.get('/api/files')).body;
    const restored = files.find(({ name }: { name: string }) => name === 'stray.txt');
    expect((await bytesOf(restored.id)).toString()).toBe('nobody knows me');
    await expectTrue();
    expect((await command('storage', 'check', '--deep')).code).toBe(0);
  });

  it('loses a user with all his bytes, also those of uploads that he never ended', async () => {
    const bob = await server.client.signUp('bob');
    await bob.file('small');
    await bob.file('large', LARGE);
    const tus = new TusClient(bob);
    const path = await tus.begin('unfinished', LARGE.length);
    await tus.append(path, 0, LARGE.subarray(0, 7 * MIB));
    expect((await command('users', 'delete', 'bob')).code).toBe(0);
    expect([await bucket.keys(), await bucket.multiparts()].flat().filter((key) => key.startsWith('bob/'))).toEqual([]);
    await expectTrue();
  });

  it('is swept of what no record claims, and only of that', async () => {
    const kept = await client.file('a+b %41 é&.txt', 'kept');
    const tus = new TusClient(client);
    const path = await tus.begin('unfinished', LARGE.length);
    await tus.append(path, 0, LARGE.subarray(0, 7 * MIB));
    // Its record is gone, as after a roll-back that a late request outlived.
    const left = await client.file('left', LARGE);
    const [{ storageKey }] = (await probe.rows<{ storageKey: string }>('SELECT storageKey FROM files WHERE id = ?', [
      left.id,
    ])) as [{ storageKey: string }];
    await client.delete(`/api/files/${left.id}`);
    await until(async () => (await bucket.bytes(storageKey)) === undefined);
    await bucket.put(storageKey, 'late', '77');
    await bucket.beginParts(storageKey);
    const foreign = `alice/${'f'.repeat(32)}/foreign`;
    await bucket.put(foreign, 'theirs');
    await restart({ STORAGE_SWEEP: '1s' });
    await until(async () => (await bucket.bytes(storageKey)) === undefined && (await bucket.multiparts()).length === 1);
    expect(await bucket.bytes(foreign)).toEqual(Buffer.from('theirs'));
    await bucket.remove(foreign);
    expect((await bytesOf(kept.id)).toString()).toBe('kept');
    expect((await tus.append(path, 7 * MIB, LARGE.subarray(7 * MIB))).status).toBe(204);
    await restart();
    await expectTrue();
  });
});
