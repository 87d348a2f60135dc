import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BlobMissingError, type BlobWriter, ForeignBytesError, type StorageService } from '@app/storage';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeResumed } from './resumed.contract.js';
import { until } from '../support/until.js';

/** One place for blobs, and a look at it from outside. */
export interface StoragePlace {
  /** A new driver on the place, not attached yet: as in a new process. */
  open(): Promise<StorageService>;
  /** Bytes that one upload may hold; a few MiB where nothing is said. */
  readonly mostHeld?: number;
  /** The keys under which there are bytes. */
  keys(): Promise<string[]>;
  /** The bytes under a key, undefined where there are none. */
  read(key: string): Promise<string | undefined>;
  /** Puts bytes under a key behind the driver's back. */
  plant(key: string, bytes: string): Promise<void>;
  /** Everything that is in the place, the driver's own things too. */
  everything(): Promise<string[]>;
  /** Takes away all that is in it, as an unmounted volume does. */
  wipe(): Promise<void>;
  destroy(): Promise<void>;
}

/** A megabyte of garbage is not held memory: it is collected before anybody looks. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Writes as callers must: waits when it is told to. */
export async function writeAll(writer: BlobWriter, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) {
    const wait = writer.write(chunk);
    if (wait) await wait;
  }
}

export async function bytesOf(storage: StorageService, key: string): Promise<Buffer> {
  const reader = await storage.open(key);
  if (reader.size === 0) {
    await reader.close();
    return Buffer.alloc(0);
  }
  return Buffer.concat(await reader.stream(0, reader.size - 1).toArray());
}

/** What every storage driver must do, whatever it keeps its blobs on. */
export function describeStorage(title: string, create: () => Promise<StoragePlace>): void {
  describe(title, () => {
    let place: StoragePlace;
    let storage: StorageService;
    let key: string;
    const writers: BlobWriter[] = [];

    beforeEach(async () => {
      place = await create();
      storage = await place.open();
      await storage.attach(undefined);
      key = storage.keyOf('alice', 'a.txt');
    });
    afterEach(async () => {
      for (const writer of writers.splice(0)) await writer.close().catch(() => undefined);
      await place.destroy();
    });

    async function begin(id: number, from: StorageService = storage, at = key): Promise<BlobWriter> {
      const writer = await from.createUpload(id, at);
      writers.push(writer);
      return writer;
    }

    /** Ready to be published. */
    async function finished(id: number, bytes: string, at = key): Promise<BlobWriter> {
      const writer = await begin(id, storage, at);
      await writeAll(writer, [Buffer.from(bytes)]);
      await writer.finish();
      return writer;
    }

    async function store(id: number, at: string, bytes: string): Promise<void> {
      const writer = await finished(id, bytes, at);
      await writer.publish(at);
      await writer.close();
    }

    /** A new driver on the same place, while the old one's uploads are still open: all that a crash leaves. */
    async function crashed(): Promise<StorageService> {
      const next = await place.open();
      await next.attach(storage.id);
      return next;
    }

    describe('attached', () => {
      it('has an id, by which it is attached again', async () => {
        expect(storage.id).toMatch(/^[0-9a-f-]{36}$/);
        const again = await place.open();
        // As after a crash between the two halves of the first start.
        expect(await again.attach(undefined)).toBe(storage.id);
        await store(1, key, 'kept');
        expect(await again.attach(storage.id)).toBe(storage.id);
        expect(await bytesOf(again, key)).toEqual(Buffer.from('kept'));
      });

      it('is refused when it holds bytes and nobody knows it', async () => {
        await store(1, key, 'kept');
        await expect((await place.open()).attach(undefined)).rejects.toMatchObject({ name: 'StorageUnusableError' });
        expect(await bytesOf(storage, key)).toEqual(Buffer.from('kept'));
      });

      it('is refused when another one is expected, and stays as it is', async () => {
        const before = await place.everything();
        const expected = crypto.randomUUID();
        await expect((await place.open()).attach(expected)).rejects.toMatchObject({ name: 'StorageUnusableError' });
        expect(await place.everything()).toEqual(before);
        await expect((await place.open()).attach(storage.id)).resolves.toBe(storage.id);
      });

      it('is refused when it is empty and one is expected, and nothing is made there', async () => {
        await place.wipe();
        await expect((await place.open()).attach(storage.id)).rejects.toMatchObject({ name: 'StorageUnusableError' });
        expect(await place.everything()).toEqual([]);
      });

      it('proves at any time, also to many at once, that it can be written', async () => {
        const before = await place.everything();
        await Promise.all(Array.from({ length: 50 }, () => storage.probe()));
        expect(await place.everything()).toEqual(before);
        await place.wipe();
        await expect(storage.probe()).rejects.toMatchObject({ name: 'StorageUnusableError' });
      });
    });

    describe('an upload', () => {
      it('is seen by nobody before it is published, and then whole', async () => {
        const writer = await finished(1, 'hello');
        expect(await place.keys()).toEqual([]);
        await expect(storage.open(key)).rejects.toBeInstanceOf(BlobMissingError);
        await writer.publish(key);
        expect(await place.read(key)).toBe('hello');
        await writer.close();
        expect([await place.keys(), await place.read(key)]).toEqual([[key], 'hello']);
      });

      it('replaces nothing', async () => {
        await place.plant(key, 'foreign');
        const writer = await finished(1, 'ours');
        await expect(writer.publish(key)).rejects.toBeInstanceOf(ForeignBytesError);
        await storage.rollBackUpload(1, key);
        expect(await place.read(key)).toBe('foreign');
      });

      it.each([[0], [1], [2 ** 20 - 1], [2 ** 20], [2 ** 20 + 1]])(
        'has the size and hash of its %i bytes',
        async (size) => {
          const bytes = Buffer.alloc(size, 'abcdefg');
          const writer = await begin(1);
          await writeAll(writer, size === 0 ? [] : [bytes]);
          expect(await writer.finish()).toEqual({ size, sha256: sha256(bytes) });
          await writer.publish(key);
          expect((await bytesOf(storage, key)).equals(bytes)).toBe(true);
        },
      );

      it('has the size and hash of its bytes, however they are cut', async () => {
        let id = 0;
        const cuts = fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 1_500_000 })), {
          maxLength: 12,
        });
        const property = fc.asyncProperty(cuts, fc.integer({ min: 0, max: 255 }), async (sizes, seed) => {
          id += 1;
          const chunks = sizes.map((size, n) => Buffer.alloc(size, (seed + n) % 256));
          const whole = Buffer.concat(chunks);
          const at = storage.keyOf('bob', String(id));
          const writer = await begin(id, storage, at);
          await writeAll(writer, chunks);
          expect(await writer.finish()).toEqual({ size: whole.length, sha256: sha256(whole) });
          await writer.publish(at);
          await writer.close();
          expect((await bytesOf(storage, at)).equals(whole)).toBe(true);
        });
        await fc.assert(property, { numRuns: 30 });
      });

      it.each([
        ['large', 64 * 1024, 1_000],
        ['tiny', 1, 200_000],
      ])('holds no more than a few MiB of %s chunks', async (_what, size, count) => {
        const writer = await begin(1);
        const held = () => {
          collectGarbage();
          const { heapUsed, arrayBuffers } = process.memoryUsage();
          return heapUsed + arrayBuffers;
        };
        const before = held();
        let most = 0;
        for (let n = 0; n < count; n += 1) {
          await writeAll(writer, [Buffer.alloc(size, n % 256)]);
          if (n % Math.ceil(count / 20) === 0) most = Math.max(most, held() - before);
        }
        expect(most).toBeLessThan(place.mostHeld ?? 8 * 2 ** 20);
        expect((await writer.finish()).size).toBe(size * count);
      });
    });

    describeParts();
    describeRollBack();
    describeBlobs();
    const keep = (writer: BlobWriter) => (writers.push(writer), writer);
    describeResumed(() => ({ place, storage, key, crashed, keep }));

    function describeParts(): void {
      describe('an upload in large parts', () => {
        const MIB = 2 ** 20;
        const directories = (entry: string) => !entry.endsWith('/');

        async function resume(offset: number, from: StorageService = storage): Promise<BlobWriter> {
          const writer = await from.resumeUpload(1, offset, key);
          writers.push(writer);
          return writer;
        }

        /** Takes a part and makes it durable, as a request does. */
        async function append(offset: number, bytes: Buffer, from?: StorageService): Promise<number> {
          const writer = await resume(offset, from);
          await writeAll(writer, [bytes.subarray(0, 3), bytes.subarray(3)]);
          const durable = await writer.suspend();
          await writer.letGo();
          return durable;
        }

        async function complete(offset: number, whole: Buffer, from: StorageService): Promise<void> {
          const writer = await resume(offset, from);
          expect(await writer.finish()).toEqual({ size: whole.length, sha256: sha256(whole) });
          await writer.publish(key);
          await writer.close();
          expect((await bytesOf(from, key)).equals(whole)).toBe(true);
        }

        const parts = (...sizes: number[]) => sizes.map((size, n) => Buffer.alloc(size, `part ${n}, `));

        it.each([
          ['large', [6 * MIB, 100, 9 * MIB + 1, 3 * MIB]],
          ['of just the size that a store asks for', [5 * MIB, 5 * MIB]],
        ])('has the bytes of all its parts: %s', async (_size, sizes) => {
          const before = (await place.everything()).filter(directories);
          const chunks = parts(...sizes);
          let offset = 0;
          for (const chunk of chunks) {
            expect(await append(offset, chunk)).toBe(offset + chunk.length);
            offset += chunk.length;
          }
          await complete(offset, Buffer.concat(chunks), storage);
          expect((await place.everything()).filter(directories)).toEqual([...before, key].toSorted());
        });

        it.each([
          ["just a store's", [5 * MIB, 5 * MIB]],
          ['large', [6 * MIB, 9 * MIB + 1]],
        ])('is gone on with by another process: %s', async (_size, sizes) => {
          const chunks = parts(...sizes);
          let offset = 0;
          let last = storage;
          for (const chunk of chunks) {
            last = await crashed();
            await last.discardUploads(new Set([1]));
            offset = await append(offset, chunk, last);
          }
          await complete(offset, Buffer.concat(chunks), await crashed());
          await last.discardUploads(new Set());
          expect((await place.everything()).filter((entry) => entry.includes('uploads/'))).toEqual([]);
        });

        it('forgets what was made durable and told to nobody', async () => {
          const [first, lost, second] = parts(6 * MIB + 5, 11 * MIB, 7 * MIB) as [Buffer, Buffer, Buffer];
          await append(0, first);
          await append(first.length, lost);
          const next = await crashed();
          await append(first.length, second, next);
          await complete(first.length + second.length, Buffer.concat([first, second]), next);
        });

        it('tells what is durable while a long part comes in, and is gone on with from there', async () => {
          const writer = await resume(0);
          let told = 0;
          writer.onDurable = (size) => (told = size);
          const whole = Buffer.alloc(90 * MIB, 'a long part, ');
          for (let at = 0; at < whole.length; at += MIB) await writeAll(writer, [whole.subarray(at, at + MIB)]);
          await until(() => told > 0);
          const from = told;
          const next = await crashed();
          await append(from, whole.subarray(from), next);
          await complete(whole.length, whole, next);
        });

        it.each([[9 * MIB], [11 * MIB]])('of %i bytes is rolled back, also after a crash', async (size) => {
          const before = (await place.everything()).filter(directories);
          await append(0, Buffer.alloc(size, 'x'));
          const next = await crashed();
          await next.rollBackUpload(1, key);
          expect((await place.everything()).filter(directories)).toEqual(before);
        });
      });
    }

    function describeRollBack(): void {
      describe('a roll-back', () => {
        const uploads: [string, () => Promise<BlobWriter>][] = [
          ['that was not written', () => begin(1)],
          ['that was not published', () => finished(1, 'ours')],
          [
            'that was published',
            async () => {
              const writer = await finished(1, 'ours');
              await writer.publish(key);
              return writer;
            },
          ],
        ];

        it.each(uploads)('leaves nothing of an upload %s, and may be repeated', async (_what, upload) => {
          const before = await place.everything();
          await upload();
          for (let n = 0; n < 2; n += 1) {
            await storage.rollBackUpload(1, key);
            expect(await place.keys()).toEqual([]);
          }
          const directories = (entry: string) => !entry.endsWith('/');
          expect((await place.everything()).filter(directories)).toEqual(before.filter(directories));
          await store(1, key, 'again');
          expect(await place.read(key)).toBe('again');
        });

        it.each(uploads)('leaves nothing of an upload %s before a crash', async (_what, upload) => {
          await upload();
          const next = await crashed();
          await next.rollBackUpload(1, key);
          await next.rollBackUpload(1, key);
          expect(await place.keys()).toEqual([]);
        });

        it.each(uploads)('after an upload %s leaves the bytes of another at the key', async (_what, upload) => {
          await upload();
          if ((await place.keys()).length > 0) await storage.remove(key);
          await place.plant(key, 'foreign');
          await storage.rollBackUpload(1, key);
          expect(await place.read(key)).toBe('foreign');
          await (await crashed()).rollBackUpload(1, key);
          expect(await place.read(key)).toBe('foreign');
        });

        it('of an upload that nobody knows leaves everything', async () => {
          await store(1, key, 'kept');
          await storage.rollBackUpload(77, key);
          expect(await place.read(key)).toBe('kept');
        });
      });

      it('discards what dead uploads left, but for those that are still to be rolled back', async () => {
        const published = await finished(1, 'published');
        await published.publish(key);
        await finished(12, 'dead');
        await finished(3, 'whole');
        const next = await crashed();
        await next.discardUploads(new Set([1]));
        await next.rollBackUpload(1, key);
        expect(await place.keys()).toEqual([]);
        await expect(next.createUpload(12, key).then((writer) => writers.push(writer))).resolves.toBeDefined();
      });
    }

    function describeBlobs(): void {
      describe('a blob', () => {
        it('is read in any part', async () => {
          const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7) % 251));
          await store(1, key, bytes.toString('latin1'));
          const whole = await bytesOf(storage, key);
          for (const [start, end] of [
            [0, 0],
            [whole.length - 1, whole.length - 1],
            [5, 70_000],
            [0, whole.length - 1],
          ] as const) {
            const part = Buffer.concat(await (await storage.open(key)).stream(start, end).toArray());
            expect(part.equals(whole.subarray(start, end + 1))).toBe(true);
            const atOnce = await (await storage.open(key)).read(start, end);
            expect(atOnce.equals(whole.subarray(start, end + 1))).toBe(true);
          }
        });

        it('is missing where there is none', async () => {
          await expect(storage.open(key)).rejects.toBeInstanceOf(BlobMissingError);
          await store(1, key, 'a');
          await expect(storage.open(storage.keyOf('alice', 'b'))).rejects.toBeInstanceOf(BlobMissingError);
          await expect(storage.open(storage.keyOf('nobody', 'a.txt'))).rejects.toBeInstanceOf(BlobMissingError);
        });

        it('is removed, and only it', async () => {
          const other = storage.keyOf('alice', 'a.txt.more');
          await store(1, key, 'a');
          await store(2, other, 'b');
          await storage.remove(key);
          await storage.flush([key]);
          expect(await place.keys()).toEqual([other]);
          await expect(storage.open(key)).rejects.toBeInstanceOf(BlobMissingError);
        });

        it('that is not there is removed too', async () => {
          for (const absent of [key, storage.keyOf('nobody', 'a')]) {
            await storage.remove(absent);
            await storage.flush([absent, absent]);
          }
          await storage.flush([]);
        });

        it('is not taken for removed when the whole storage is away', async () => {
          await store(1, key, 'a');
          await place.wipe();
          await expect(storage.remove(key)).rejects.toMatchObject({ name: 'StorageUnusableError' });
        });

        it('is read to its end by whoever opened it before it was removed', async () => {
          const large = 'x'.repeat(3_000_000);
          await store(1, key, large);
          const reader = await storage.open(key);
          await storage.remove(key);
          await storage.flush([key]);
          await store(2, key, 'the next of this name');
          const read = Buffer.concat(await reader.stream(0, reader.size - 1).toArray());
          expect(read.equals(Buffer.from(large))).toBe(true);
        });
      });
    }
  });
}
