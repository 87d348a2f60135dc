import type { BlobWriter, StorageService } from '@app/storage';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.js';
import { bytesOf, digestOf, type Stage, writeAll } from './stage.js';

/** What every storage driver must do with uploads that come in large parts. */
export function describeParts(stage: Stage): void {
  describe('an upload in large parts', () => {
    const MIB = 2 ** 20;
    const directories = (entry: string) => !entry.endsWith('/');

    async function resume(offset: number, from: StorageService = stage.storage): Promise<BlobWriter> {
      const writer = await from.resumeUpload(1, offset, stage.key);
      stage.keep(writer);
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
      expect(await writer.finish()).toEqual(digestOf(whole));
      await writer.publish(stage.key);
      await writer.close();
      expect((await bytesOf(from, stage.key)).equals(whole)).toBe(true);
    }

    const parts = (...sizes: number[]) => sizes.map((size, n) => Buffer.alloc(size, `part ${n}, `));

    it.each([
      ['large', [6 * MIB, 100, 9 * MIB + 1, 3 * MIB]],
      ['of just the size that a store asks for', [5 * MIB, 5 * MIB]],
    ])('has the bytes of all its parts: %s', async (_size, sizes) => {
      const before = (await stage.place.everything()).filter(directories);
      const chunks = parts(...sizes);
      let offset = 0;
      for (const chunk of chunks) {
        expect(await append(offset, chunk)).toBe(offset + chunk.length);
        offset += chunk.length;
      }
      await complete(offset, Buffer.concat(chunks), stage.storage);
      expect((await stage.place.everything()).filter(directories)).toEqual([...before, stage.key].toSorted());
    });

    it.each([
      ["just a store's", [5 * MIB, 5 * MIB]],
      ['large', [6 * MIB, 9 * MIB + 1]],
    ])('is gone on with by another process: %s', async (_size, sizes) => {
      const chunks = parts(...sizes);
      let offset = 0;
      let last = stage.storage;
      for (const chunk of chunks) {
        last = await stage.crashed();
        await last.discardUploads(async () => new Set([1]));
        offset = await append(offset, chunk, last);
      }
      await complete(offset, Buffer.concat(chunks), await stage.crashed());
      await last.discardUploads(async () => new Set());
      expect((await stage.place.everything()).filter((entry) => entry.includes('uploads/'))).toEqual([]);
    });

    it('forgets what was made durable and told to nobody', async () => {
      const [first, lost, second] = parts(6 * MIB + 5, 11 * MIB, 7 * MIB) as [Buffer, Buffer, Buffer];
      await append(0, first);
      await append(first.length, lost);
      const next = await stage.crashed();
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
      const next = await stage.crashed();
      await append(from, whole.subarray(from), next);
      await complete(whole.length, whole, next);
    });

    it.each([[9 * MIB], [11 * MIB]])('of %i bytes is rolled back, also after a crash', async (size) => {
      const before = (await stage.place.everything()).filter(directories);
      await append(0, Buffer.alloc(size, 'x'));
      const next = await stage.crashed();
      await next.rollBackUpload(1, stage.key);
      expect((await stage.place.everything()).filter(directories)).toEqual(before);
    });
  });
}
