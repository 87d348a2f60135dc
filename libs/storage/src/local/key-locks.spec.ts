import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyLocks } from './key-locks.js';

/** The locks, with a look at what they still remember. */
const remembered = (locks: KeyLocks) => (locks as unknown as { tails: Map<string, unknown> }).tails.size;

/** Work that the test ends. */
function work(log: string[], name: string) {
  let resolve: (name: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((onEnd, onFailure) => ([resolve, reject] = [onEnd, onFailure]));
  const run = async () => {
    log.push(`${name} begins`);
    try {
      return await promise;
    } finally {
      log.push(`${name} ends`);
    }
  };
  return { run, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

const turns = async () => {
  for (let n = 0; n < 10; n += 1) await new Promise(setImmediate);
};

describe('KeyLocks', () => {
  it('have one holder at a time, in the order of asking, each with its own result', async () => {
    const [locks, log] = [new KeyLocks(), [] as string[]];
    const works = ['a', 'b', 'c'].map((name) => work(log, name));
    const held = works.map(({ run }) => locks.hold('1/key', run));
    works.toReversed().forEach(({ end }) => end());
    expect(await Promise.all(held)).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(remembered(locks)).toBe(0);
  });

  it('keep other names, and the same name of others, waiting for nothing', async () => {
    const [locks, log] = [new KeyLocks(), [] as string[]];
    const works = ['a', 'b', 'c'].map((name) => work(log, name));
    const held = [
      locks.hold('1/key', works[0]!.run),
      locks.hold('1/other', works[1]!.run),
      locks.hold('11/key', works[2]!.run),
    ];
    await turns();
    expect(log).toEqual(['a begins', 'b begins', 'c begins']);
    works.forEach(({ end }) => end());
    await Promise.all(held);
    expect(remembered(locks)).toBe(0);
  });

  it('take keys for one that a file system may take for one', async () => {
    const [locks, log] = [new KeyLocks(), [] as string[]];
    const works = ['a', 'b'].map((name) => work(log, name));
    const held = [locks.hold('o/Stra\u00dfe \u00e9', works[0]!.run), locks.hold('o/STRASSE e\u0301', works[1]!.run)];
    await turns();
    expect(log).toEqual(['a begins']);
    works.forEach(({ end }) => end());
    await Promise.all(held);
  });

  it('go to the next one when a holder fails, and tell only that one', async () => {
    const [locks, log] = [new KeyLocks(), [] as string[]];
    const [bad, good] = [work(log, 'bad'), work(log, 'good')];
    const failing = locks.hold('1/key', bad.run);
    const following = locks.hold('1/key', good.run);
    const throwing = locks.hold('1/key', () => {
      throw new Error('at once');
    });
    bad.fail();
    await expect(failing).rejects.toThrow('bad');
    good.end();
    expect(await following).toBe('good');
    await expect(throwing).rejects.toThrow('at once');
    expect(log).toEqual(['bad begins', 'bad ends', 'good begins', 'good ends']);
    expect(remembered(locks)).toBe(0);
  });

  it('are not free for who asks after a holder has ended but another one has come', async () => {
    const [locks, log] = [new KeyLocks(), [] as string[]];
    const [first, second, third] = ['a', 'b', 'c'].map((name) => work(log, name));
    const one = locks.hold('1/key', first!.run);
    const two = locks.hold('1/key', second!.run);
    first!.end();
    await one;
    await turns();
    const three = locks.hold('1/key', third!.run);
    await turns();
    expect(log).toEqual(['a begins', 'a ends', 'b begins']);
    second!.end();
    third!.end();
    await Promise.all([two, three]);
    expect([log.slice(2), remembered(locks)]).toEqual([['b begins', 'b ends', 'c begins', 'c ends'], 0]);
  });

  it('never let two in, whoever asks when and fails how', async () => {
    const asks = fc.array(fc.record({ key: fc.nat(2), delay: fc.nat(3), fails: fc.boolean() }), { maxLength: 30 });
    const property = fc.asyncProperty(asks, async (list) => {
      const locks = new KeyLocks();
      const inside = [0, 0, 0];
      const order: number[][] = [[], [], []];
      const held = list.map(({ key, delay, fails }, n) =>
        locks.hold(`1/${key}`, async () => {
          expect((inside[key]! += 1)).toBe(1);
          order[key]!.push(n);
          for (let turn = 0; turn < delay; turn += 1) await new Promise(setImmediate);
          inside[key]! -= 1;
          if (fails) throw new Error('fails');
        }),
      );
      const outcomes = await Promise.allSettled(held);
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(list.map(({ fails }) => fails));
      for (const numbers of order) expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
      expect(remembered(locks)).toBe(0);
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
