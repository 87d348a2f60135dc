import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descriptor } from './descriptor.js';
import { LocalBlobWriter } from './local-blob-writer.js';
import { wholeHash } from './upload-hashes.js';

const MIB = Buffer.alloc(1024 * 1024, 'ab');

describe('LocalBlobWriter, with a big upload', () => {
  const { write, sync, close } = descriptor;
  /** What was asked of the disk. */
  let order: string[];
  let directory: string;
  let writer: LocalBlobWriter;

  beforeEach(() => {
    order = [];
    descriptor.write = (async (fd: number, buffers: Buffer[]) => {
      order.push('write');
      return write(fd, buffers);
    }) as unknown as typeof write;
    descriptor.sync = async (fd) => {
      order.push('sync');
      await sync(fd);
      order.push('synced');
    };
    descriptor.close = (fd) => {
      order.push('close');
      close(fd);
    };
    directory = mkdtempSync(join(tmpdir(), 'defdrive-'));
    const nothing = () => Promise.resolve();
    const place = {
      assertRoom: () => Promise.resolve(Infinity),
      syncTemporary: nothing,
      publish: nothing,
      discard: nothing,
      letGo: () => undefined,
    };
    writer = new LocalBlobWriter(openSync(join(directory, 'a'), 'wx'), place, wholeHash());
  });
  afterEach(async () => {
    await writer.close();
    Object.assign(descriptor, { write, sync, close });
    rmSync(directory, { recursive: true });
  });

  async function send(mebibytes: number): Promise<void> {
    for (let sent = 0; sent < mebibytes; sent += 1) await writer.write(MIB);
  }
  const writes = () => order.filter((what) => what === 'write').length;

  it('begins a sync while more comes in, and makes another one when all of it is written', async () => {
    await send(50);
    await writer.finish();
    expect(order.indexOf('sync')).toBe(32);
    expect(writes()).toBe(50);
    expect(order.lastIndexOf('sync')).toBeGreaterThan(order.lastIndexOf('write'));
    expect(readFileSync(join(directory, 'a')).equals(Buffer.concat(Array<Buffer>(50).fill(MIB)))).toBe(true);
  });

  it('syncs a part of 32 MiB once, at its end', async () => {
    const told: number[] = [];
    writer.onDurable = (size) => void told.push(size);
    await send(32);
    expect(await writer.suspend()).toBe(32 * MIB.length);
    expect(order.filter((what) => what === 'sync')).toHaveLength(1);
    expect(told).toEqual([]);
  });

  describe('fails with that sync, although a later one would succeed,', () => {
    let fail: () => void;
    beforeEach(async () => {
      const observed = descriptor.sync;
      const failing = new Promise<void>((_, reject) => (fail = () => reject(new Error('The disk is broken'))));
      descriptor.sync = () => {
        descriptor.sync = observed;
        return failing;
      };
      await send(34);
    });

    it('in the middle of it', async () => {
      fail();
      await expect(send(10)).rejects.toThrow('The disk is broken');
      expect(writes()).toBeLessThan(36);
    });

    it('at its end', async () => {
      const finished = Promise.allSettled([writer.finish()]);
      // All else is done by now that an end without this sync would wait for.
      while (writes() < 34) await new Promise(setImmediate);
      fail();
      expect(await finished).toMatchObject([{ status: 'rejected', reason: new Error('The disk is broken') }]);
    });
  });

  it('closes its file under no sync', async () => {
    const observed = descriptor.sync;
    let goOn: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    descriptor.sync = async (fd) => {
      await held;
      await observed(fd);
    };
    await send(34);
    const closed = writer.close();
    await new Promise(setImmediate);
    goOn!();
    await closed;
    expect(order.slice(-3)).toEqual(['sync', 'synced', 'close']);
  });
});
