import { randomBytes } from 'node:crypto';
import { AppConfig } from '@app/config';
import { ForeignBytesError, isSwept, type Remnant, openDrivers, type StorageService } from '@app/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fate, type Lack, S3Stub } from '../support/s3-stub.js';
import { bytesOf, writeAll } from './stage.js';

const MIB = 2 ** 20;
const SLOW_DOWN: Fate = { kind: 'undone', status: 503, code: 'SlowDown' };
const REFUSED: Fate = { kind: 'undone', status: 500, code: 'InternalError' };
const DONE_BUT_500: Fate = { kind: 'done', status: 500, code: 'InternalError' };
const BROKEN: Fate = { kind: 'undone', broken: true };
const DONE_BUT_BROKEN: Fate = { kind: 'done', broken: true };
let stub: S3Stub;
let storage: StorageService;
let key: string;

const open = async () => (await openDrivers(new AppConfig({ STORAGE_URL: stub.url }))).storage;

beforeEach(async () => {
  stub = await S3Stub.start();
  storage = await open();
});
afterEach(() => stub.stop());

async function attached(): Promise<void> {
  await storage.attach(undefined);
  key = storage.keyOf('alice', 'a.txt');
}

async function upload(id: number, bytes: Buffer): Promise<void> {
  const writer = await storage.createUpload(id, key);
  for (let at = 0; at < bytes.length; at += MIB) await writeAll(writer, [bytes.subarray(at, at + MIB)]);
  await writer.finish();
  await writer.publish(key);
  await writer.close();
}

const rest = () => [...stub.objects.keys()].filter((name) => name !== '.defdrive');

describe('a store that does what it is asked and says something else', () => {
  beforeEach(attached);

  it.each([
    ['500 for a put that is done', 'PutObject', [DONE_BUT_500]],
    ['nothing for a put that is done', 'PutObject', [DONE_BUT_BROKEN]],
    ['nothing for a put, twice', 'PutObject', [BROKEN, BROKEN]],
    ['SlowDown, twice', 'PutObject', [SLOW_DOWN, SLOW_DOWN]],
    ['late', 'PutObject', [{ kind: 'slow', ms: 1_500 } as Fate]],
  ])('takes a small upload all the same: %s', async (_what, operation, fates) => {
    stub.meet(operation, ...fates);
    await upload(1, Buffer.from('small'));
    expect(await bytesOf(storage, key)).toEqual(Buffer.from('small'));
    expect(rest()).toEqual([key]);
  });

  it.each([
    ['500 for the end that is done', 'CompleteMultipartUpload', [DONE_BUT_500]],
    ['nothing for the end that is done', 'CompleteMultipartUpload', [DONE_BUT_BROKEN]],
    ['SlowDown for parts', 'UploadPart', [SLOW_DOWN, SLOW_DOWN, SLOW_DOWN]],
    ['500 and broken connections for parts', 'UploadPart', [REFUSED, BROKEN, DONE_BUT_500, DONE_BUT_BROKEN]],
    ['broken at the beginning', 'CreateMultipartUpload', [BROKEN]],
  ])('takes a large upload all the same: %s', async (_what, operation, fates) => {
    const bytes = randomBytes(17 * MIB);
    stub.meet(operation, ...fates);
    await upload(1, bytes);
    expect((await bytesOf(storage, key)).equals(bytes)).toBe(true);
    expect([rest(), stub.multiparts.size]).toEqual([[key], 0]);
  });

  it('has begun parts twice where the answer to the first was lost; the roll-back and the sweep find both', async () => {
    stub.meet('CreateMultipartUpload', DONE_BUT_BROKEN);
    const writer = await storage.createUpload(1, key);
    await writeAll(writer, [Buffer.alloc(6 * MIB)]);
    await expect.poll(() => stub.multiparts.size).toBe(2);
    await storage.rollBackUpload(1, key);
    expect(stub.multiparts.size).toBe(0);
  });
});

describe('a store that fails for good', () => {
  beforeEach(attached);

  it.each([
    ['PutObject', 5],
    ['UploadPart', 17 * MIB],
    ['CreateMultipartUpload', 17 * MIB],
    ['CompleteMultipartUpload', 17 * MIB],
  ])('keeps nothing of an upload whose %s it refuses, and takes the next one', async (operation, size) => {
    stub.meetAll(operation, REFUSED);
    await expect(upload(1, Buffer.alloc(size, 'x'))).rejects.toMatchObject({ name: 'StorageAwayError' });
    await storage.rollBackUpload(1, key);
    expect([rest(), stub.multiparts.size]).toEqual([[], 0]);
    stub.forgive();
    await upload(2, Buffer.alloc(size, 'y'));
    expect(rest()).toEqual([key]);
  });

  it('that is away is said to be so, and nothing is taken for missing', async () => {
    await upload(1, Buffer.from('kept'));
    await stub.stop();
    for (const work of [() => storage.open(key), () => storage.remove(key), () => storage.probe()])
      await expect(work()).rejects.toMatchObject({ name: 'StorageAwayError' });
  });

  it('carries a put out after its upload was undone: that is swept, and what others put there is not', async () => {
    stub.meetAll('PutObject', { kind: 'later', status: 500, code: 'InternalError' });
    await expect(upload(1, Buffer.from('late'))).rejects.toMatchObject({ name: 'StorageAwayError' });
    await storage.rollBackUpload(1, key);
    stub.catchUp();
    expect(rest()).toEqual([key]);
    const foreign = storage.keyOf('alice', 'foreign');
    stub.objects.set(foreign, { bytes: Buffer.from('theirs'), upload: undefined, modified: new Date(0) });
    const swept = storage;
    if (!isSwept(swept)) throw new Error('It cannot be swept');
    const found = async (before: number) => {
      const pages: Remnant[] = [];
      for await (const page of swept.remnants(before)) pages.push(...page);
      return pages;
    };
    expect((await found(Date.now() - 60_000)).map((remnant) => remnant.key)).toEqual([foreign]);
    for (const remnant of await found(Date.now() + 60_000)) await remnant.discard();
    expect(rest()).toEqual([foreign]);
  });
});

describe('a download', () => {
  const bytes = randomBytes(3 * MIB);
  beforeEach(async () => {
    await attached();
    await upload(1, bytes);
  });

  it('goes on where its connection broke', async () => {
    stub.meet('GetObject', { kind: 'cut', bytes: MIB }, { kind: 'cut', bytes: 10 }, { kind: 'cut', bytes: 0 });
    expect((await bytesOf(storage, key)).equals(bytes)).toBe(true);
    stub.meet('GetObject', { kind: 'cut', bytes: 1 }, { kind: 'cut', bytes: 100_000 });
    const part = await (await storage.open(key)).read(1_000, 2 * MIB);
    expect(part.equals(bytes.subarray(1_000, 2 * MIB + 1))).toBe(true);
  });

  it('ends with an error where the connection breaks again and again, and never with other bytes', async () => {
    stub.meetAll('GetObject', { kind: 'cut', bytes: 0 });
    await expect(bytesOf(storage, key)).rejects.toMatchObject({ name: 'StorageUnusableError' });
  });

  it('does not go on in other bytes', async () => {
    stub.meet('GetObject', { kind: 'cut', bytes: MIB });
    const reader = await storage.open(key);
    stub.objects.set(key, { bytes: randomBytes(3 * MIB), upload: '1', modified: new Date() });
    await expect(reader.stream(0, reader.size - 1).toArray()).rejects.toThrow();
  });

  it('that nobody reads is let go of, and holds up no other', async () => {
    for (let n = 0; n < 100; n += 1) await (await storage.open(key)).close();
    expect((await bytesOf(storage, key)).equals(bytes)).toBe(true);
  });
});

describe('a store that lacks something', () => {
  it.each<[Lack, RegExp]>([
    ['conditions', /ignores If-None-Match/],
    ['no-versions', /keeps old versions/],
    ['listing', /does not list what was put/],
    ['multipart-listing', /does not list uploads in parts/],
    ['ranges', /does not give back a part/],
    ['deletes', /refuses If-None-Match where nothing is|still gives back/],
  ])('is refused in a sentence, and gets no id: %s', async (lack, sentence) => {
    stub.lacks.add(lack);
    await expect(storage.attach(undefined)).rejects.toThrow(sentence);
    expect([stub.objects.has('.defdrive'), stub.multiparts.size]).toEqual([false, 0]);
  });

  it('that ignores conditions from now on replaces nothing: the bytes at a key are looked at', async () => {
    await attached();
    stub.lacks.add('conditions');
    stub.objects.set(key, { bytes: Buffer.from('foreign'), upload: undefined, modified: new Date() });
    await expect(upload(1, Buffer.alloc(6 * MIB))).rejects.toBeInstanceOf(ForeignBytesError);
    expect(stub.objects.get(key)!.bytes.toString()).toBe('foreign');
  });
});
