import { BlobMissingError, type BlobWriter } from '@app/storage';
import { describe, expect, it } from 'vitest';
import { bytesOf, type Stage } from './stage.js';

/** What every storage driver must do with what uploads leave. */
export function describeRollBack(stage: Stage): void {
  describe('a roll-back', () => {
    const uploads: [string, () => Promise<BlobWriter>][] = [
      ['that was not written', () => stage.begin(1)],
      ['that was not published', () => stage.finished(1, 'ours')],
      [
        'that was published',
        async () => {
          const writer = await stage.finished(1, 'ours');
          await writer.publish(stage.key);
          return writer;
        },
      ],
    ];

    it.each(uploads)('leaves nothing of an upload %s, and may be repeated', async (_what, upload) => {
      const before = await stage.place.everything();
      await upload();
      for (let n = 0; n < 2; n += 1) {
        await stage.storage.rollBackUpload(1, stage.key);
        expect(await stage.place.keys()).toEqual([]);
      }
      const directories = (entry: string) => !entry.endsWith('/');
      expect((await stage.place.everything()).filter(directories)).toEqual(before.filter(directories));
      await stage.store(1, stage.key, 'again');
      expect(await stage.place.read(stage.key)).toBe('again');
    });

    it.each(uploads)('leaves nothing of an upload %s before a crash', async (_what, upload) => {
      await upload();
      const next = await stage.crashed();
      await next.rollBackUpload(1, stage.key);
      await next.rollBackUpload(1, stage.key);
      expect(await stage.place.keys()).toEqual([]);
    });

    it.each(uploads)('after an upload %s leaves the bytes of another at the key', async (_what, upload) => {
      await upload();
      if ((await stage.place.keys()).length > 0) await stage.storage.remove(stage.key);
      await stage.place.plant(stage.key, 'foreign');
      await stage.storage.rollBackUpload(1, stage.key);
      expect(await stage.place.read(stage.key)).toBe('foreign');
      await (await stage.crashed()).rollBackUpload(1, stage.key);
      expect(await stage.place.read(stage.key)).toBe('foreign');
    });

    it('of an upload that nobody knows leaves everything', async () => {
      await stage.store(1, stage.key, 'kept');
      await stage.storage.rollBackUpload(77, stage.key);
      expect(await stage.place.read(stage.key)).toBe('kept');
    });
  });

  it('discards what dead uploads left, but for those that are still to be rolled back', async () => {
    const published = await stage.finished(1, 'published');
    await published.publish(stage.key);
    await stage.finished(12, 'dead');
    await stage.finished(3, 'whole');
    const next = await stage.crashed();
    await next.discardUploads(async () => new Set([1]));
    await next.rollBackUpload(1, stage.key);
    expect(await stage.place.keys()).toEqual([]);
    await expect(next.createUpload(12, stage.key).then((writer) => stage.keep(writer))).resolves.toBeDefined();
  });
}

/** What every storage driver must do with the bytes that it has. */
export function describeBlobs(stage: Stage): void {
  describe('a blob', () => {
    it('is read in any part', async () => {
      const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7) % 251));
      await stage.store(1, stage.key, bytes.toString('latin1'));
      const whole = await bytesOf(stage.storage, stage.key);
      for (const [start, end] of [
        [0, 0],
        [whole.length - 1, whole.length - 1],
        [5, 70_000],
        [0, whole.length - 1],
      ] as const) {
        const part = Buffer.concat(await (await stage.storage.open(stage.key)).stream(start, end).toArray());
        expect(part.equals(whole.subarray(start, end + 1))).toBe(true);
        const atOnce = await (await stage.storage.open(stage.key)).read(start, end);
        expect(atOnce.equals(whole.subarray(start, end + 1))).toBe(true);
      }
    });

    it('is missing where there is none', async () => {
      await expect(stage.storage.open(stage.key)).rejects.toBeInstanceOf(BlobMissingError);
      await stage.store(1, stage.key, 'a');
      await expect(stage.storage.open(stage.storage.keyOf('alice', 'b'))).rejects.toBeInstanceOf(BlobMissingError);
      await expect(stage.storage.open(stage.storage.keyOf('nobody', 'a.txt'))).rejects.toBeInstanceOf(BlobMissingError);
    });

    it('is removed, and only it', async () => {
      const other = stage.storage.keyOf('alice', 'a.txt.more');
      await stage.store(1, stage.key, 'a');
      await stage.store(2, other, 'b');
      await stage.storage.remove(stage.key);
      await stage.storage.flush([stage.key]);
      expect(await stage.place.keys()).toEqual([other]);
      await expect(stage.storage.open(stage.key)).rejects.toBeInstanceOf(BlobMissingError);
    });

    it('that is not there is removed too', async () => {
      for (const absent of [stage.key, stage.storage.keyOf('nobody', 'a')]) {
        await stage.storage.remove(absent);
        await stage.storage.flush([absent, absent]);
      }
      await stage.storage.flush([]);
    });

    it('is not taken for removed when the whole storage is away', async () => {
      await stage.store(1, stage.key, 'a');
      await stage.place.wipe();
      await expect(stage.storage.remove(stage.key)).rejects.toMatchObject({ name: 'StorageUnusableError' });
    });

    it('is read to its end by whoever opened it before it was removed', async () => {
      const large = 'x'.repeat(3_000_000);
      await stage.store(1, stage.key, large);
      const reader = await stage.storage.open(stage.key);
      await stage.storage.remove(stage.key);
      await stage.storage.flush([stage.key]);
      await stage.store(2, stage.key, 'the next of this name');
      const read = Buffer.concat(await reader.stream(0, reader.size - 1).toArray());
      expect(read.equals(Buffer.from(large))).toBe(true);
    });
  });
}
