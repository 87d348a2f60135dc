import { lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageUnusableError } from '../storage-errors.js';
import type { BlobWriter } from '../storage.service.js';
import { descriptor } from './descriptor.js';
import { LocalStorageService } from './local-storage.service.js';

describe('LocalStorageService', () => {
  let parent: string;
  let root: string;
  let storage: LocalStorageService;

  beforeEach(async () => {
    parent = mkdtempSync(join(tmpdir(), 'defdrive-'));
    root = join(parent, 'uploads');
    storage = new LocalStorageService(root);
    await storage.attach(undefined);
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  async function finished(id: number, bytes = 'ours'): Promise<BlobWriter> {
    const writer = await storage.createUpload(id);
    await writer.write(Buffer.from(bytes));
    await writer.finish();
    return writer;
  }

  async function store(id: number, key: string): Promise<void> {
    const writer = await finished(id);
    await writer.publish(key);
    await writer.close();
  }

  const mode = (path: string) => (lstatSync(join(root, path)).mode & 0o777).toString(8);

  it('keeps everything to its user, whatever the umask of the process', async () => {
    const before = process.umask(0);
    try {
      const other = new LocalStorageService((root = join(parent, 'other')));
      await other.attach(undefined);
      const writer = await other.createUpload(1);
      expect(mode('.tmp/1')).toBe('600');
      await writer.finish();
      await writer.publish('alice/a');
      await writer.close();
    } finally {
      process.umask(before);
    }
    expect(['.', '.tmp', 'alice'].map(mode)).toEqual(['700', '700', '700']);
    expect(['.defdrive', 'alice/a'].map(mode)).toEqual(['600', '600']);
  });

  it('closes no file under a write, and begins none after that', async () => {
    const { write, close } = descriptor;
    const order: string[] = [];
    let goOn: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    descriptor.write = (async (fd: number, buffers: Buffer[]) => {
      order.push('write');
      await held;
      const written = await write(fd, buffers);
      order.push('written');
      return written;
    }) as unknown as typeof write;
    descriptor.close = (fd) => {
      order.push('close');
      close(fd);
    };
    try {
      const writer = await storage.createUpload(1);
      const mib = Buffer.alloc(1024 * 1024);
      await writer.write(mib);
      await writer.write(mib);
      const third = Promise.resolve(writer.write(mib));
      const rolledBack = storage.rollBackUpload(1, 'alice/a');
      goOn!();
      await Promise.allSettled([third, rolledBack]);
      await rolledBack;
      expect(order).toEqual(['write', 'written', 'close']);
      expect(readdirSync(join(root, '.tmp'))).toEqual([]);
    } finally {
      Object.assign(descriptor, { write, close });
    }
  });

  it('discards dead uploads beside a directory that is none of ours', async () => {
    await (await finished(1)).close();
    mkdirSync(join(root, '.tmp/somebody/else'), { recursive: true });
    await storage.discardUploads(async () => new Set());
    expect(readdirSync(join(root, '.tmp'))).toEqual(['somebody']);
  });

  describe("with a symbolic link in the place of an owner's folder", () => {
    const elsewhere = () => join(parent, 'elsewhere');

    it('publishes, opens and removes nothing behind it', async () => {
      await store(1, 'alice/a');
      renameSync(join(root, 'alice'), elsewhere());
      symlinkSync(elsewhere(), join(root, 'alice'));
      const writer = await finished(2);
      for (const attempt of [
        () => writer.publish('alice/b'),
        () => storage.open('alice/a'),
        () => storage.remove('alice/a'),
      ])
        await expect(attempt()).rejects.toBeInstanceOf(StorageUnusableError);
      expect(readdirSync(elsewhere())).toEqual(['a']);
      await storage.rollBackUpload(2, 'alice/b');
      expect(readdirSync(join(root, '.tmp'))).toEqual([]);
    });

    it('takes no blob for removed while its target is away', async () => {
      symlinkSync(elsewhere(), join(root, 'alice'));
      await expect(storage.remove('alice/a')).rejects.toBeInstanceOf(StorageUnusableError);
    });
  });

  it.each([['alice/../bob'], ['../a'], ['.tmp/1'], ['/etc/passwd'], ['a/b/c'], ['a\\b/c']])(
    'refuses the key %j in every operation',
    async (key) => {
      const writer = await finished(1);
      const before = readdirSync(root, { recursive: true });
      for (const attempt of [
        () => writer.publish(key),
        () => storage.open(key),
        () => storage.remove(key),
        () => storage.flush([key]),
        () => storage.rollBackUpload(1, key),
      ])
        await expect(attempt()).rejects.toThrow('Not a storage key');
      expect(readdirSync(root, { recursive: true })).toEqual(before);
      await writer.close();
    },
  );

  it('is not published before the folder of its owner is durable, also when another upload made that', async () => {
    const { sync } = descriptor;
    const [first, second] = [await finished(1), await finished(2)];
    let goOn: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    // From now on every sync waits for the test.
    descriptor.sync = async (fd) => {
      await held;
      return sync(fd);
    };
    try {
      const published: string[] = [];
      const publications = [
        first.publish('alice/a').then(() => published.push('a')),
        second.publish('alice/b').then(() => published.push('b')),
      ];
      while (!readdirSync(root).includes('alice')) await new Promise(setImmediate);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(readdirSync(join(root, 'alice'))).toEqual([]);
      goOn!();
      await Promise.all(publications);
      expect(readdirSync(join(root, 'alice')).toSorted()).toEqual(['a', 'b']);
    } finally {
      descriptor.sync = sync;
    }
    await Promise.all([first.close(), second.close()]);
  });

  it('leaves what it does not know where uploads are kept, and what stands in the way of a key', async () => {
    mkdirSync(join(root, 'alice/a'), { recursive: true });
    const writer = await finished(1);
    await expect(writer.publish('alice/a')).rejects.toMatchObject({ name: 'ForeignBytesError' });
    await storage.rollBackUpload(1, 'alice/a');
    expect(lstatSync(join(root, 'alice/a')).isDirectory()).toBe(true);
    await expect(storage.open('alice/a')).rejects.toMatchObject({ name: 'BlobMissingError' });
    await expect(storage.remove('alice/a')).rejects.toMatchObject({ code: expect.stringMatching(/^(EISDIR|EPERM)$/) });
  });
});
