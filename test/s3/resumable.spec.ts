import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { type Fate, S3Stub } from '../support/s3-stub.js';
import { TusClient } from '../support/tus.js';

const REFUSED: Fate = { kind: 'undone', status: 500, code: 'InternalError' };
const AS_EVER: Fate = { kind: 'slow', ms: 0 };
/** More than the client tries. */
const ALWAYS = Array.from({ length: 4 }, () => REFUSED);
/** Bytes of a whole part, and some that are none. */
const LENGTH = 5 * 1024 * 1024 + 7;

let stub: S3Stub;
afterAll(() => stub?.stop());
const drive = driveFixture(async () => {
  stub = await S3Stub.start();
  return { STORAGE_URL: stub.url };
});
let owner: Client;
let tus: TusClient;

beforeAll(async () => {
  owner = await drive.signUp('owner');
  tus = new TusClient(owner);
});

/** The numbers of bytes of which it is known how to go on from them, of the only upload there is. */
const known = () =>
  [...stub.objects.keys()].flatMap((key) => /\.uploads\/\d+\/(\d+)$/.exec(key)?.[1] ?? []).map(Number);

const fileCalled = async (name: string) => (await owner.get(`/api/files?q=${name}`)).body.files[0];

describe('an upload in parts', () => {
  it('whose parts were joined before the store was lost becomes the file that it is', async () => {
    const bytes = randomBytes(LENGTH);
    const upload = await tus.begin('joined.bin', LENGTH);
    stub.meet('CompleteMultipartUpload', { kind: 'done', status: 500, code: 'InternalError' });
    stub.meet('HeadObject', AS_EVER, ...ALWAYS);
    expect((await tus.append(upload, 0, bytes)).status).toBe(503);
    expect([stub.multiparts.size, await fileCalled('joined.bin')]).toEqual([0, undefined]);
    expect(await tus.offset(upload)).toBe(LENGTH);
    const { id, sha256: sum } = await fileCalled('joined.bin');
    expect(sum).toBe(sha256(bytes));
    const content = await owner.fetch(`/api/files/${id}/content`);
    expect(sha256(Buffer.from(await content.arrayBuffer()))).toBe(sum);
  });

  it('whose parts the store has dropped, as some do after a while, has ended, and can be begun anew', async () => {
    const upload = await tus.begin('dropped.bin', 2 * LENGTH);
    expect((await tus.append(upload, 0, randomBytes(LENGTH))).status).toBe(204);
    stub.multiparts.clear();
    expect((await tus.append(upload, LENGTH, randomBytes(LENGTH))).status).toBe(410);
    expect((await tus.look(upload)).status).toBe(410);
    expect((await owner.upload('dropped.bin', 'anew')).status).toBe(200);
  });

  it('keeps what belongs to more bytes than it goes on from: another server may have told of them meanwhile', async () => {
    const bytes = randomBytes(30);
    const upload = await tus.begin('thawed.bin', bytes.length);
    expect((await tus.append(upload, 0, bytes.subarray(0, 10))).status).toBe(204);
    expect(known()).toEqual([10]);
    const [key, state] = [...stub.objects].find(([name]) => name.endsWith('/10'))!;
    stub.objects.set(key.replace(/10$/, '25'), state);
    expect((await tus.append(upload, 10, bytes.subarray(10, 20))).status).toBe(204);
    expect(known().toSorted()).toEqual([10, 20, 25]);
    expect((await tus.append(upload, 20, bytes.subarray(20))).status).toBe(204);
    expect(known()).toEqual([]);
    expect((await fileCalled('thawed.bin')).sha256).toBe(sha256(bytes));
  });
});
