import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { type Fate, S3Stub } from '../support/s3-stub.js';
import { follow, share } from '../support/sharing.js';
import { until } from '../support/until.js';

const REFUSED: Fate = { kind: 'undone', status: 500, code: 'InternalError' };
/** More than the client tries. */
const ALWAYS = Array.from({ length: 4 }, () => REFUSED);

let stub: S3Stub;
afterAll(() => stub?.stop());
const drive = driveFixture(async () => {
  stub = await S3Stub.start();
  return { STORAGE_URL: stub.url };
});
let owner: Client;

beforeAll(async () => {
  owner = await drive.signUp('owner');
});

const keyOf = async (id: number) =>
  (await drive.probe.rows<{ storageKey: string }>('SELECT storageKey FROM files WHERE id = ?', [id]))[0]!.storageKey;

describe('a drive whose store fails', () => {
  it('says when bytes cannot be deleted, hides the file, frees its name, and deletes them once it can', async () => {
    const file = await owner.file('stuck.txt');
    const key = await keyOf(file.id);
    stub.meet('DeleteObject', ...ALWAYS);
    const answer = await owner.delete(`/api/files/${file.id}`);
    expect([answer.status, answer.body.error]).toEqual([500, 'Failed to delete the physical file']);
    expect((await owner.get(`/api/files/${file.id}`)).status).toBe(404);
    // No key is used twice, so that nothing holds the name.
    expect((await owner.upload('stuck.txt', 'new')).status).toBe(200);
    await until(async () => (await drive.probe.rows('SELECT id FROM blobRemovals')).length === 0);
    expect(stub.objects.has(key)).toBe(false);
  });

  it('is unavailable to uploads and downloads, costs a link no use, and takes the next ones', async () => {
    const { file, access, link } = await share(owner, { oneTimeUse: true });
    stub.meet('GetObject', ...ALWAYS);
    expect((await owner.fetch(`/api/files/${file.id}/content`)).status).toBe(503);
    stub.meet('GetObject', ...ALWAYS);
    expect((await follow(link)).status).toBe(503);
    expect(await drive.probe.rows('SELECT uses FROM accesses WHERE id = ?', [access.id])).toEqual([{ uses: 0 }]);
    stub.meet('PutObject', ...ALWAYS);
    expect((await owner.upload('refused.txt')).status).toBe(503);
    expect((await owner.upload('refused.txt')).status).toBe(200);
    expect((await follow(link)).status).toBe(200);
  });

  it('is not ready while its store refuses to be written', async () => {
    stub.meet('PutObject', ...ALWAYS);
    expect((await drive.anonymous().get('/api/health/ready')).status).toBe(503);
    expect((await drive.anonymous().get('/api/health/ready')).status).toBe(200);
  });

  it.each([
    ['gone', (key: string) => void stub.objects.delete(key)],
    [
      'others, and fewer',
      (key: string) => void stub.objects.set(key, { ...stub.objects.get(key)!, bytes: Buffer.from('x') }),
    ],
  ])('never sends a file whose bytes are %s, and the link loses no use', async (_what, damage) => {
    const { file, access, link } = await share(owner, { oneTimeUse: true });
    const key = await keyOf(file.id);
    const whole = stub.objects.get(key)!;
    damage(key);
    expect((await follow(link)).status).toBe(500);
    expect(await drive.probe.rows('SELECT uses FROM accesses WHERE id = ?', [access.id])).toEqual([{ uses: 0 }]);
    stub.objects.set(key, whole);
    expect((await follow(link)).status).toBe(200);
  });

  it('answers a download whole although its connection to the store breaks in its midst', async () => {
    const bytes = Buffer.alloc(2_000_000, 'as a whole, ');
    const file = await owner.file('broken.bin', bytes);
    stub.meet('GetObject', { kind: 'cut', bytes: 700_000 }, { kind: 'cut', bytes: 5 });
    const answer = await owner.fetch(`/api/files/${file.id}/content`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });
});
