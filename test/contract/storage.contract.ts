import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BlobMissingError, type BlobWriter, ForeignBytesError, type StorageService } from '@app/storage';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeBlobs, describeRollBack } from './blobs.contract.js';
import { describeParts } from './parts.contract.js';
import { describeResumed } from './resumed.contract.js';
import { bytesOf, digestOf, type Stage, type StoragePlace, writeAll } from './stage.js';

/** A megabyte of garbage is not held memory: it is collected before anybody looks. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
          expect(await writer.finish()).toEqual(digestOf(bytes));
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
          expect(await writer.finish()).toEqual(digestOf(whole));
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

    const stage: Stage = {
      get place() {
        return place;
      },
      get storage() {
        return storage;
      },
      get key() {
        return key;
      },
      keep: (writer) => (writers.push(writer), writer),
      ...{ begin, finished, store, crashed },
    };
    describeParts(stage);
    describeRollBack(stage);
    describeBlobs(stage);
    describeResumed(stage);
  });
}
