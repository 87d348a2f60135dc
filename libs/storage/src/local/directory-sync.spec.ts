import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descriptor } from './descriptor.js';
import { DirectorySync } from './directory-sync.js';

const { sync } = descriptor;

/** A sync that has begun, and waits for the test to let it go on. */
interface Begun {
  goOn(): void;
  fail(): void;
}

describe('DirectorySync', () => {
  let directory: string;
  const begun: Begun[] = [];
  let awaited: (() => void) | undefined;

  /** The real sync of real directories, only that each waits at its beginning. */
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'defdrive-'));
    descriptor.sync = async (fd) => {
      await new Promise<void>((resolve, reject) => {
        begun.push({ goOn: resolve, fail: () => reject(new Error('EIO')) });
        awaited?.();
      });
      return sync(fd);
    };
  });
  afterEach(() => {
    descriptor.sync = sync;
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
    const syncs = new DirectorySync();
    const calls: Record<string, Promise<void>> = { first: syncs.sync(directory) };
    const one = await round(1);
    for (const name of ['second', 'third', 'fourth']) calls[name] = syncs.sync(directory);
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
    const syncs = new DirectorySync();
    const calls: Record<string, Promise<void>> = { first: syncs.sync(directory) };
    const one = await round(1);
    calls.second = syncs.sync(directory);
    calls.third = syncs.sync(directory);
    const order = settled(calls);
    one.fail();
    const two = await round(2);
    calls.fourth = syncs.sync(directory);
    two.fail();
    (await round(3)).goOn();
    await calls.fourth;
    expect([order, begun.length]).toEqual([['first failed', 'second failed', 'third failed'], 3]);
  });

  it('syncs different directories side by side, and each time anew', async () => {
    const syncs = new DirectorySync();
    const calls = [syncs.sync(directory), syncs.sync(tmpdir())];
    await round(2);
    begun.forEach(({ goOn }) => goOn());
    await Promise.all(calls);
    const again = syncs.sync(directory);
    (await round(3)).goOn();
    await again;
    expect(begun).toHaveLength(3);
  });

  it('fails where there is no directory, and works when there is one again', async () => {
    const syncs = new DirectorySync();
    renameSync(directory, `${directory}.away`);
    await expect(syncs.sync(directory)).rejects.toMatchObject({ code: 'ENOENT' });
    renameSync(`${directory}.away`, directory);
    const again = syncs.sync(directory);
    (await round(1)).goOn();
    await again;
  });
});
