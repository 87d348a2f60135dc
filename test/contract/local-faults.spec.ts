import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageFullError, type StorageService, StorageUnusableError } from '@app/storage';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { outputOf, scriptCommand } from '../support/script.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { listing, openLocal } from './local-place.js';
import { bytesOf, writeAll } from './stage.js';

const MIB = 2 ** 20;

describeWith('tmpfs', 'the storage on a disk of 3 MiB', () => {
  let dataDir: string;
  let storage: StorageService;

  const mount = (...args: string[]) => {
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', ...args, 'tmpfs', dataDir], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };

  beforeEach(async () => {
    dataDir = temporaryDirectory();
    mount('-o', 'size=3m');
    storage = await openLocal(dataDir);
    await storage.attach(undefined);
  });
  afterEach(() => void spawnSync('umount', [dataDir]));

  async function upload(id: number, mebibytes: number): Promise<void> {
    const writer = await storage.createUpload(id, 'alice/a');
    const chunks = Array.from({ length: mebibytes * 10 }, () => Buffer.alloc(MIB / 10, 'x'));
    try {
      await writeAll(writer, chunks);
      await writer.finish();
    } catch (error) {
      await storage.rollBackUpload(id, 'alice/a');
      throw error;
    }
    await writer.publish('alice/a');
    await writer.close();
  }

  it.each([4, 40])(
    'says that it is full to an upload of %i MiB, keeps nothing of it, and takes the next one',
    async (size) => {
      await expect(upload(1, size)).rejects.toBeInstanceOf(StorageFullError);
      expect(await listing(join(dataDir, 'uploads'))).toEqual(['.defdrive', '.tmp/']);
      await upload(2, 2);
      expect((await bytesOf(storage, 'alice/a')).every((byte) => byte === 0x78)).toBe(true);
    },
  );

  it('says that it is full when only the last bytes have no room', async () => {
    await expect(upload(1, 3)).rejects.toBeInstanceOf(StorageFullError);
    expect(await listing(join(dataDir, 'uploads'))).toEqual(['.defdrive', '.tmp/']);
  });

  it('reads and removes while it is full', async () => {
    await upload(1, 1);
    try {
      writeFileSync(join(dataDir, 'ballast'), Buffer.alloc(3 * MIB));
    } catch {
      // Full is what it was to be.
    }
    expect(await bytesOf(storage, 'alice/a')).toHaveLength(Math.floor(MIB / 10) * 10);
    await storage.remove('alice/a');
    await storage.flush(['alice/a']);
    expect(await listing(join(dataDir, 'uploads'))).toEqual(['.defdrive', '.tmp/', 'alice/']);
  });

  it('says that it cannot be written while it is read-only', async () => {
    mount('-o', 'remount,ro');
    await expect(storage.probe()).rejects.toThrow(/cannot be written/);
    await expect((await openLocal(dataDir)).attach(storage.id)).rejects.toBeInstanceOf(StorageUnusableError);
    mount('-o', 'remount,rw');
    await storage.probe();
  });
});

describeWith('strace', 'the storage on a file system without hard links', (strace) => {
  it.each(['EPERM', 'EOPNOTSUPP'])('is refused, with the reason (%s)', async (code) => {
    const dataDir = temporaryDirectory();
    await (await openLocal(dataDir)).attach(undefined);
    const trace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=link', '-e', `inject=link:error=${code}`];
    const child = spawn(strace, [...trace, ...scriptCommand('test/contract/attach.script.ts', dataDir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await outputOf(child)).toContain('has no hard links');
    expect(await listing(join(dataDir, 'uploads'))).toEqual(['.defdrive', '.tmp/']);
  });
});
