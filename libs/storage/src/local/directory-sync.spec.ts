import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectorySync } from './directory-sync.js';

/** A sync that has begun, and waits for the test to let it go on. */
interface Begun {
  goOn(): void;
  fail(): void;
}

describe('DirectorySync', () => {
  let directory: string;
  let handles: FileHandle;
  let syncOfNode: FileHandle['sync'];
  const begun: Begun[] = [];
  let awaited: (() => void) | undefined;

  /** The real sync of real directories, only that each waits at its beginning. */
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'defdrive-'));
    const handle = await open(directory, 'r');
    handles = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    syncOfNode = handles.sync;
    handles.sync = async function (this: FileHandle) {
      await new Promise<void>((resolve, reject) => {
        begun.push({ goOn: resolve, fail: () => reject(new Error('EIO')) });
        awaited?.();
      });
      return syncOfNode.call(this);
    };
  });
  afterEach(() => {
    handles.sync = syncOfNode;
    begun.length = 0;
    rmSync(directory, { recursive: true });
  });

  async function round(number: number): Promise<Begun> {
    while (begun.length < number) await new Promise<void>((resolve) => (awaited = resolve));
    return begun[number - 1]!;
  }

  /** Names in the order in which their promises are settled. */
  function settled(calls: Record<string, Promise<void>>): string[] {
    const order: string[] = [];
    for (const [name, call] of Object.entries(calls)) {
      call.then(
        () => order.push(name),
        () => order.push(`${name} failed`),
      );
    }
    return order;
  }

  it('lets those who ask during a sync share the next one, which begins after it', async () => {
    const sync = new DirectorySync();
    const calls: Record<string, Promise<void>> = { first: sync.sync(directory) };
    const one = await round(1);
    for (const name of ['second', 'third', 'fourth']) calls[name] = sync.sync(directory);
    const order = settled(calls);
    expect(begun).toHaveLength(1);
    one.goOn();
    const two = await round(2);
    expect(order).toEqual(['first']);
    two.goOn();
    await Promise.all(Object.values(calls));
    expect(order).toEqual(['first', 'second', 'third', 'fourth']);
    expect(begun).toHaveLength(2);
  });

  it('tells of an error only those whom that sync was for', async () => {
    const sync = new DirectorySync();
    const calls: Record<string, Promise<void>> = { first: sync.sync(directory) };
    const one = await round(1);
    calls.second = sync.sync(directory);
    calls.third = sync.sync(directory);
    const order = settled(calls);
    one.fail();
    const two = await round(2);
    calls.fourth = sync.sync(directory);
    two.fail();
    (await round(3)).goOn();
    await calls.fourth;
    expect([order, begun.length]).toEqual([['first failed', 'second failed', 'third failed'], 3]);
  });

  it('syncs different directories side by side, and each time anew', async () => {
    const sync = new DirectorySync();
    const calls = [sync.sync(directory), sync.sync(tmpdir())];
    await round(2);
    begun.forEach(({ goOn }) => goOn());
    await Promise.all(calls);
    const again = sync.sync(directory);
    (await round(3)).goOn();
    await again;
    expect(begun).toHaveLength(3);
  });

  it('fails where there is no directory, and works when there is one again', async () => {
    const sync = new DirectorySync();
    renameSync(directory, `${directory}.away`);
    await expect(sync.sync(directory)).rejects.toMatchObject({ code: 'ENOENT' });
    renameSync(`${directory}.away`, directory);
    const again = sync.sync(directory);
    (await round(1)).goOn();
    await again;
  });
});
