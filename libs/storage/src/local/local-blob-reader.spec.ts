import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobMissingError } from '../storage-errors.js';
import { LocalBlobReader } from './local-blob-reader.js';

describe('LocalBlobReader', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'defdrive-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const path = (name: string) => join(directory, name);
  /** How often this process has files of the directory open. */
  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
      } catch {
        return false;
      }
    }).length;

  it.each([
    ['nothing', () => undefined],
    ['a directory', (at: string) => mkdirSync(at)],
    ['a symbolic link to a file', (at: string) => (writeFileSync(path('real'), 'x'), symlinkSync(path('real'), at))],
    ['a symbolic link to nothing', (at: string) => symlinkSync(path('nowhere'), at)],
  ])('says that the blob is missing where there is %s', async (_what, plant) => {
    plant(path('a'));
    await expect(LocalBlobReader.open(path('a'))).rejects.toBeInstanceOf(BlobMissingError);
    expect(openFiles()).toBe(0);
  });

  it('says that the blob is missing where a file stands in its folder’s place', async () => {
    writeFileSync(path('folder'), 'x');
    await expect(LocalBlobReader.open(path('folder/a'))).rejects.toBeInstanceOf(BlobMissingError);
  });

  describe.each([
    ['small', 10],
    ['large', 300_000],
  ])('with a %s blob', (_what, size) => {
    let reader: LocalBlobReader;
    beforeEach(async () => {
      writeFileSync(path('a'), Buffer.alloc(size, 'ab'));
      reader = await LocalBlobReader.open(path('a'));
    });

    it('knows its size and gives its bytes, then closes it', async () => {
      expect([reader.size, openFiles()]).toEqual([size, 1]);
      const stream = reader.stream(0, size - 1);
      const closed = once(stream, 'close');
      expect(Buffer.concat(await stream.toArray()).equals(Buffer.alloc(size, 'ab'))).toBe(true);
      await closed;
      expect(openFiles()).toBe(0);
      await reader.close();
    });

    it('gives a part of its bytes at once, then closes it', async () => {
      expect((await reader.read(1, 4)).toString()).toBe('baba');
      expect(openFiles()).toBe(0);
    });

    it.each([
      ['before it was read', () => undefined],
      ['while it is read', (stream: NodeJS.ReadableStream) => void stream.read()],
    ])('closes it when the stream is destroyed %s', async (_when, before) => {
      const stream = reader.stream(0, size - 1);
      before(stream);
      stream.destroy();
      await once(stream, 'close');
      expect(openFiles()).toBe(0);
    });

    it('leaves closing to its stream, which may be reading', async () => {
      const stream = reader.stream(0, size - 1);
      stream.read();
      await reader.close();
      expect(openFiles()).toBe(1);
      expect(Buffer.concat(await stream.toArray())).toHaveLength(size);
      if (!stream.closed) await once(stream, 'close');
      expect(openFiles()).toBe(0);
    });

    it('is closed without being read, and again', async () => {
      await reader.close();
      await reader.close();
      expect(openFiles()).toBe(0);
    });
  });

  it('fails, and closes the file, when a small blob has shrunk since', async () => {
    writeFileSync(path('a'), '0123456789');
    const reader = await LocalBlobReader.open(path('a'));
    truncateSync(path('a'), 3);
    const stream = reader.stream(0, 9);
    const closed = once(stream, 'close').catch(() => undefined);
    await expect(stream.toArray()).rejects.toBeInstanceOf(BlobMissingError);
    await closed;
    expect(openFiles()).toBe(0);
  });
});
