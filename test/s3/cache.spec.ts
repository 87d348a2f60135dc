import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { gate } from '../support/gate.js';
import { keptContentTests } from '../support/kept-content.js';
import { S3Stub } from '../support/s3-stub.js';

const KIB = 1024;

let stub: S3Stub;
afterAll(() => stub?.stop());
const drive = driveFixture(async () => {
  stub = await S3Stub.start();
  return { STORAGE_URL: stub.url, STORAGE_CACHE: '4MiB' };
});
let owner: Client;

beforeAll(async () => {
  owner = await drive.signUp('owner');
});
beforeEach(() => void (stub.seen.length = 0));

const content = async (id: number, headers: Record<string, string> = {}) => {
  const answer = await owner.fetch(`/api/files/${id}/content`, { headers });
  return { status: answer.status, text: await answer.text(), range: answer.headers.get('content-range') };
};
const fetched = () => stub.seen.filter((operation) => operation === 'GetObject').length;
const keyOf = async (id: number) =>
  (await drive.probe.rows<{ storageKey: string }>('SELECT storageKey FROM files WHERE id = ?', [id]))[0]!.storageKey;

describe('small content from a store', () => {
  keptContentTests(drive, () => owner, 1);

  it('is fetched once, however many ask for it at once, and whatever range of it they want', async () => {
    const { id } = await owner.file('hot.txt', '0123456789');
    stub.meet('GetObject', { kind: 'slow', ms: 200 });
    const crowd = await Promise.all(Array.from({ length: 20 }, () => content(id)));
    expect(new Set(crowd.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 0123456789']));
    expect(await content(id, { range: 'bytes=2-4' })).toEqual({ status: 206, text: '234', range: 'bytes 2-4/10' });
    expect(await content(id, { range: 'bytes=-3' })).toMatchObject({ status: 206, text: '789' });
    expect((await content(id, { range: 'bytes=10-' })).status).toBe(416);
    expect(fetched()).toBe(1);
  });

  it('is more than one buffer, and right', async () => {
    const bytes = 'as a whole, '.repeat(20_000);
    const { id } = await owner.file('middle.txt', bytes);
    for (let n = 0; n < 3; n += 1) expect((await content(id)).text).toBe(bytes);
    expect(fetched()).toBe(1);
  });

  it('is 404 at once when its file is deleted, also while it is fetched, and is not kept', async () => {
    const { id } = await owner.file('deleted.txt', 'secret');
    expect((await content(id)).status).toBe(200);
    await owner.delete(`/api/files/${id}`);
    expect((await content(id)).status).toBe(404);

    const other = await owner.file('meanwhile.txt', 'secret');
    const deleted = gate();
    stub.meet('GetObject', { kind: 'waits', until: deleted.opened });
    const asked = content(other.id);
    await expect.poll(fetched).toBeGreaterThan(1);
    await owner.delete(`/api/files/${other.id}`);
    deleted.open();
    expect((await asked).status).toBe(404);
    expect((await content(other.id)).status).toBe(404);
  });

  it('is never kept nor sent where the bytes are others than were recorded', async () => {
    const { id } = await owner.file('altered.txt', 'the right bytes');
    const key = await keyOf(id);
    const right = stub.objects.get(key)!;
    stub.objects.set(key, { ...right, bytes: Buffer.from('the wrong bytes') });
    expect((await content(id)).status).toBe(500);
    stub.objects.set(key, right);
    expect(await content(id)).toMatchObject({ status: 200, text: 'the right bytes' });
  });

  it('takes no more memory than it may: what was asked for longest ago is fetched again', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 24; n += 1) ids.push((await owner.file(`many ${n}`, `${n}`.padEnd(200 * KIB, '.'))).id);
    for (const id of ids) await content(id);
    stub.seen.length = 0;
    for (const id of ids.slice(-10)) await content(id);
    expect(fetched()).toBe(0);
    await content(ids[0]!);
    expect(fetched()).toBe(1);
  });

  it('is not kept where it is large', async () => {
    const { id } = await owner.file('large.txt', '.'.repeat(257 * KIB));
    for (let n = 0; n < 2; n += 1) await content(id);
    expect(fetched()).toBe(2);
  });
});
