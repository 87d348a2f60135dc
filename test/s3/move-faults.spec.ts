import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { S3Stub } from '../support/s3-stub.js';
import { until } from '../support/until.js';
import { findMoveViolations } from './moving.js';

let stub: S3Stub;
let drive: Drive;
let owner: Client;
let settings: NodeJS.ProcessEnv;

beforeEach(async () => {
  stub = await S3Stub.start();
  settings = { STORAGE_URL: stub.url, STORAGE_FORMER: 'file:' };
  drive = await Drive.start({ STORAGE_URL: '' });
  owner = await drive.signUp('owner');
});
afterEach(async () => {
  stub.forgive();
  await drive.destroy();
  await stub.stop();
});

const begin = async () => void (await drive.restart(settings));
const move = (...more: string[]) =>
  admin(drive.config, ['storage', 'move', '--to', stub.url, ...more], { environment: settings });
const violations = () => findMoveViolations(drive.probe, drive.config.dataDir, drive.bucket!);
const blob = (name: string) => join(drive.config.dataDir, 'uploads/owner', name);
const puts = () => stub.seen.filter((operation) => operation === 'PutObject').length;

describe('a drive that moves to a store', () => {
  it('deletes a file that is just being copied, in both places, before the delete is answered', async () => {
    const file = await owner.file('deleted.txt', 'to be deleted');
    await begin();
    const before = puts();
    stub.meet('PutObject', { kind: 'held', ms: 400 });
    const moving = move();
    await until(() => puts() > before);
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
    // From here on nothing of the file may come to be.
    const late: string[] = [];
    const set = stub.objects.set.bind(stub.objects);
    stub.objects.set = (key, object) => (late.push(key), set(key, object));
    expect([...stub.objects.keys()].filter((key) => key.startsWith('owner/'))).toEqual([]);
    expect(() => readFileSync(blob('deleted.txt'))).toThrow('ENOENT');
    expect((await moving).code).toBe(0);
    expect(late).toEqual([]);
    expect(await violations()).toEqual([]);
    const receipts = await drive.probe.rows('SELECT fileId FROM receipts WHERE bytesGoneAt IS NOT NULL');
    expect(receipts).toEqual([{ fileId: file.id }]);
    expect((await admin(drive.config, ['storage', 'check'], { environment: settings })).code).toBe(0);
  });

  it('moves no file whose bytes are not its own, says so, loses nothing, and moves all others', async () => {
    await owner.file('damaged.txt', 'as it was');
    await owner.file('shorter.txt', 'as it was');
    const good = await owner.file('good.txt', 'as it is');
    writeFileSync(blob('damaged.txt'), 'as it is!');
    writeFileSync(blob('shorter.txt'), 'short');
    await begin();
    const { code, json } = await move('--json');
    expect(code).toBe(2);
    const left = json.filter(({ type }) => type === 'left').map(({ key, problem }) => `${key}: ${problem}`);
    expect(left.toSorted()).toEqual([
      expect.stringMatching(/^owner\/damaged.txt: SHA-256 \w{64} instead of \w{64}$/),
      'owner/shorter.txt: 5 bytes instead of 9',
    ]);
    expect(readFileSync(blob('damaged.txt'), 'utf8')).toBe('as it is!');
    expect(await (await owner.fetch(`/api/files/${good.id}/content`)).text()).toBe('as it is');
    expect([...stub.objects.keys()].filter((key) => key.startsWith('owner/'))).toHaveLength(1);
    const check = await admin(drive.config, ['storage', 'check', '--deep', '--json'], { environment: settings });
    const found = check.json.filter(({ kind }) => kind).map(({ kind, key }) => `${kind} ${key}`);
    expect(found.toSorted()).toEqual(['blob-hash owner/damaged.txt', 'blob-size owner/shorter.txt']);
  });

  it('stops at a store that is full, loses nothing, and goes on once there is room', async () => {
    const file = await owner.file('kept.txt', 'kept');
    await begin();
    stub.meetAll('PutObject', { kind: 'undone', status: 507, code: 'QuotaExceeded' });
    const full = await move();
    expect([full.code, full.err]).toEqual([1, expect.stringContaining('The store is full: 0 of 1 files are moved')]);
    expect(await (await owner.fetch(`/api/files/${file.id}/content`)).text()).toBe('kept');
    expect(await violations()).toEqual([]);
    stub.forgive();
    expect((await move()).code).toBe(0);
    expect(await (await owner.fetch(`/api/files/${file.id}/content`)).text()).toBe('kept');
    expect(await violations()).toEqual([]);
  });

  it('keeps no server from stopping while it waits for a store, and goes on by itself after the restart', async () => {
    await owner.file('waits.txt', 'waits');
    await begin();
    const before = puts();
    stub.meetAll('PutObject', { kind: 'undone', status: 503, code: 'SlowDown' });
    const moving = move();
    await until(() => puts() > before);
    await drive.close();
    const { code, err } = await moving;
    expect([code, err]).toEqual([1, expect.stringContaining('the next one goes on with the move')]);
    stub.forgive();
    await drive.open(settings);
    await until(() => [...stub.objects.keys()].some((key) => key.startsWith('owner/')));
    expect((await move()).code).toBe(0);
    expect(await violations()).toEqual([]);
  });

  it('trusts no store that says it has the bytes: they are read back', async () => {
    const file = await owner.file('altered.txt', 'the right bytes');
    await begin();
    const put = stub.objects.set.bind(stub.objects);
    stub.objects.set = (key, object) =>
      put(key, key.startsWith('owner/') ? { ...object, bytes: Buffer.from('wrong') } : object);
    expect((await move()).code).toBe(2);
    expect(await (await owner.fetch(`/api/files/${file.id}/content`)).text()).toBe('the right bytes');
    expect(await violations()).toEqual([]);
  });

  it('tells in a receipt that bytes are gone only when those that it left behind are, too', async () => {
    const file = await owner.file('behind.txt', 'left behind');
    await begin();
    await move();
    // As if they had not been removed yet, and cannot be for now: they are in a storage that is not here.
    const [{ id: local }] = (await drive.probe.rows<{ id: string }>(
      "SELECT id FROM storages WHERE kind = 'local'",
    )) as [{ id: string }];
    const sql = `INSERT INTO blobRemovals (ownerId, fileId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt)
      VALUES (1, ?, 'k', ?, 'owner/in-the-way', 1, 9999999999, 0)`;
    writeFileSync(blob('in-the-way'), 'old bytes');
    await drive.probe.run(sql, [file.id, 'e15e0000-0000-4000-8000-000000000000']);
    const answer = await owner.delete(`/api/files/${file.id}`);
    expect([answer.status, answer.body.error]).toEqual([500, 'Failed to delete the physical file']);
    const gone = () => drive.probe.rows('SELECT fileId FROM receipts WHERE bytesGoneAt IS NOT NULL');
    await drive.removalsSettled();
    expect(await gone()).toEqual([]);
    await drive.probe.run('UPDATE blobRemovals SET storageId = ?, nextAttemptAt = 0', [local]);
    await until(async () => (await gone()).length === 1);
    expect(await violations()).toEqual([]);
  });

  it('says what to do where it is not set up, or another storage is named', async () => {
    const alone = await admin(drive.config, ['storage', 'move', '--to', stub.url]);
    expect([alone.code, alone.err]).toEqual([1, expect.stringContaining('STORAGE_FORMER as it was before')]);
    await begin();
    const other = await admin(drive.config, ['storage', 'move', '--to', 'file:'], { environment: settings });
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('--to must name where new files go')]);
  });
});
