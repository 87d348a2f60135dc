import { type BlobWriter, UploadLostError } from '@app/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, type Stage } from './stage.js';

async function write(writer: BlobWriter, bytes: string | Buffer): Promise<void> {
  await writer.write(Buffer.from(bytes as string));
}

/** What every storage driver must do with uploads that outlive their requests. */
export function describeResumed(stage: Stage): void {
  const resume = async (id: number, offset: number, from = stage.storage): Promise<BlobWriter> =>
    stage.keep(await from.resumeUpload(id, offset, stage.key));

  /** Makes an upload of which so much is durable, and lets go of it. */
  const suspended = async (id: number, bytes: string, offset = 0, from = stage.storage): Promise<number> => {
    const writer = await resume(id, offset, from);
    await write(writer, bytes);
    const reached = await writer.suspend();
    await writer.letGo();
    return reached;
  };

  /** Goes on to the end. @returns what stands under the key then */
  const completed = async (id: number, offset: number, rest: string, from = stage.storage) => {
    const { place, key } = stage;
    const writer = await resume(id, offset, from);
    if (rest !== '') await write(writer, rest);
    const digest = await writer.finish();
    await writer.publish(key);
    await writer.close();
    const bytes = (await place.read(key)) ?? '';
    expect(digest).toEqual(digestOf(Buffer.from(bytes)));
    return bytes;
  };

  describe('an upload in parts', () => {
    it('tells how much is durable, from its first byte on, and goes on there', async () => {
      expect(await suspended(1, 'abc')).toBe(3);
      expect(await suspended(1, 'def', 3)).toBe(6);
      expect(await stage.place.keys()).toEqual([]);
      expect(await completed(1, 6, 'ghi')).toBe('abcdefghi');
      expect(await stage.place.keys()).toEqual([stage.key]);
    });

    it('goes on in another process after each of its parts', async () => {
      expect(await suspended(1, 'abc')).toBe(3);
      expect(await suspended(1, 'def', 3, await stage.crashed())).toBe(6);
      expect(await completed(1, 6, 'ghi', await stage.crashed())).toBe('abcdefghi');
    });

    it('goes on behind a writer that was never let go: its process is dead', async () => {
      const writer = await resume(1, 0);
      await write(writer, 'abc');
      expect(await writer.suspend()).toBe(3);
      expect(await completed(1, 3, 'def', await stage.crashed())).toBe('abcdef');
    });

    it('may be suspended again and again, also before its first byte', async () => {
      const writer = await resume(1, 0);
      expect([await writer.suspend(), await writer.suspend()]).toEqual([0, 0]);
      await write(writer, 'abc');
      expect([await writer.suspend(), await writer.suspend()]).toEqual([3, 3]);
      await write(writer, 'def');
      expect(await writer.finish()).toEqual(digestOf(Buffer.from('abcdef')));
    });

    it('of which nothing came is an empty file', async () => {
      expect(await completed(1, 0, '')).toBe('');
      expect(await stage.place.keys()).toEqual([stage.key]);
    });

    it('is finished with no byte more, in another process', async () => {
      await suspended(1, 'abc');
      expect(await completed(1, 3, '', await stage.crashed())).toBe('abc');
    });

    it.each(['let go', 'left by a crash'])('has nothing of what came after a suspension, %s', async (how) => {
      const writer = await resume(1, 0);
      await write(writer, 'abc');
      expect(await writer.suspend()).toBe(3);
      await write(writer, 'told to nobody');
      if (how === 'let go') await writer.letGo();
      const next = how === 'let go' ? stage.storage : await stage.crashed();
      expect(await completed(1, 3, 'xyz', next)).toBe('abcxyz');
    });

    it.each([0, 3])('goes on at %i of six durable bytes, where no more was written down of it', async (offset) => {
      await suspended(1, 'abc');
      await suspended(1, 'def', 3);
      const rest = 'uvwxyz'.slice(offset);
      expect(await completed(1, offset, rest, await stage.crashed())).toBe(`${'abc'.slice(0, offset)}${rest}`);
    });

    it('is published again after a crash that came behind its publication', async () => {
      await suspended(1, 'abc');
      const writer = await resume(1, 3);
      await writer.finish();
      await writer.publish(stage.key);
      expect(await completed(1, 3, '', await stage.crashed())).toBe('abc');
    });

    it('keeps apart from another one', async () => {
      await suspended(1, 'abc');
      await suspended(11, 'ABC');
      await suspended(1, 'def', 3);
      const { storage, key } = stage;
      await storage.rollBackUpload(11, storage.keyOf('bob', 'b.txt'));
      expect(await completed(1, 6, '')).toBe('abcdef');
      expect(await stage.place.keys()).toEqual([key]);
    });

    it('has the size and hash of its bytes, however they are cut, whether processes die between or not', async () => {
      let id = 0;
      const part = fc.record({ size: fc.oneof(fc.nat(100), fc.nat(3_000_000)), dies: fc.boolean() });
      const property = fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        id += 1;
        let from = stage.storage;
        let whole = Buffer.alloc(0);
        for (const [at, { size, dies }] of parts.entries()) {
          const writer = await resume(id, whole.length, from);
          const bytes = Buffer.alloc(size, 97 + at);
          await write(writer, bytes);
          whole = Buffer.concat([whole, bytes]);
          expect(await writer.suspend()).toBe(whole.length);
          if (dies) from = await stage.crashed();
          else await writer.letGo();
        }
        const writer = await resume(id, whole.length, from);
        expect(await writer.finish()).toEqual(digestOf(whole));
        await from.rollBackUpload(id, stage.key);
      });
      await fc.assert(property, { numRuns: 15 });
    });

    it('is there, as far as was told while it came, after a crash in its midst', async () => {
      const writer = await resume(1, 0);
      const told: number[] = [];
      writer.onDurable = (size) => void told.push(size);
      for (let sent = 0; sent < 80; sent += 1) await writer.write(Buffer.alloc(2 ** 20, sent));
      const reached = told.at(-1) ?? 0;
      expect(told).toEqual(told.toSorted((one, other) => one - other));
      expect(reached).toBeLessThanOrEqual(writer.size);
      const whole = Buffer.concat(Array.from({ length: 80 }, (_, n) => Buffer.alloc(2 ** 20, n)));
      const after = await resume(1, reached, await stage.crashed());
      // To its end: Ceph joins no parts where later ones have come, and an upload's length is known from its beginning.
      for (let at = reached; at < whole.length; at += 2 ** 20) await after.write(whole.subarray(at, at + 2 ** 20));
      expect(await after.finish()).toEqual(digestOf(whole));
    });

    it.each(['in its own process', 'after a crash'])('is rolled back %s, and may be twice', async (when) => {
      const before = await stage.place.everything();
      await suspended(1, 'abc');
      const next = when === 'after a crash' ? await stage.crashed() : stage.storage;
      for (let n = 0; n < 2; n += 1) await next.rollBackUpload(1, stage.key);
      const directories = (entry: string) => !entry.endsWith('/');
      expect((await stage.place.everything()).filter(directories)).toEqual(before.filter(directories));
      await expect(next.resumeUpload(1, 3, stage.key)).rejects.toBeInstanceOf(UploadLostError);
    });

    it('is kept when dead uploads are discarded, if it is to be kept', async () => {
      await suspended(1, 'abc');
      await suspended(12, 'dead');
      const next = await stage.crashed();
      await next.discardUploads(async () => new Set([1]));
      await expect(next.resumeUpload(12, 4, stage.key)).rejects.toBeInstanceOf(UploadLostError);
      expect(await completed(1, 3, 'def', next)).toBe('abcdef');
    });

    it('is not taken for lost when the whole storage is away', async () => {
      await suspended(1, 'abc');
      await stage.place.wipe();
      await expect(stage.storage.resumeUpload(1, 3, stage.key)).rejects.toMatchObject({
        name: 'StorageUnusableError',
      });
    });

    it('leaves foreign bytes at its key alone, and goes on once they are gone', async () => {
      const { place, storage, key } = stage;
      await suspended(1, 'abc');
      await place.plant(key, 'foreign');
      await expect(completed(1, 3, '')).rejects.toMatchObject({ name: 'ForeignBytesError' });
      expect(await place.read(key)).toBe('foreign');
      await storage.remove(key);
      expect(await completed(1, 3, '', await stage.crashed())).toBe('abc');
    });
  });
}
