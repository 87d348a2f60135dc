import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Job, UnitQueue } from './unit-queue.js';

const job = (): Job => ({ work: () => Promise.resolve(), resolve: () => undefined, reject: () => undefined });

describe('UnitQueue', () => {
  it('takes together units that come over several turns of the event loop', async () => {
    const queue = new UnitQueue(Infinity);
    const jobs = [job(), job(), job()];
    queue.add(jobs[0]!);
    const taken = queue.take();
    for (const late of jobs.slice(1)) {
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
      queue.add(late);
    }
    expect(await taken).toEqual(jobs);
    expect(queue.isEmpty).toBe(true);
  });

  it('waits no longer than it may while one comes after the other', async () => {
    const queue = new UnitQueue(0);
    const [first, second] = [job(), job()];
    queue.add(first);
    const taken = queue.take();
    queue.add(second);
    expect(await taken).toEqual([first, second]);
    queue.add(first);
    const alone = queue.take();
    await nextTurn();
    queue.add(second);
    expect([await alone, queue.isEmpty]).toEqual([[first], false]);
  });

  it('takes 64 at most, in the order in which they came', async () => {
    const queue = new UnitQueue(Infinity);
    const jobs = Array.from({ length: 65 }, job);
    for (const one of jobs) queue.add(one);
    expect(await queue.take()).toEqual(jobs.slice(0, 64));
    expect(await queue.take()).toEqual(jobs.slice(64));
  });
});
