import { describe, expect, it } from 'vitest';
import { PartRoom } from './part-room.js';

const NEVER = { held: 60_000, waited: 60_000 };

/** Resolves to whether a promise has resolved by now. */
async function isOver(wait: Promise<void> | undefined): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([wait, Promise.resolve().then(() => pending)])) !== pending;
}

describe('the room for parts that are being filled', () => {
  it('is given at once while there is some, and then in the order of asking', async () => {
    const room = new PartRoom(10, NEVER);
    const [first, second] = [room.take(6), room.take(4)];
    expect([first.wait, second.wait]).toEqual([undefined, undefined]);
    const [large, small] = [room.take(6), room.take(1)];
    second.leave();
    // Four are free: the one behind does not overtake.
    expect([await isOver(large.wait), await isOver(small.wait)]).toEqual([false, false]);
    first.leave();
    expect([await isOver(large.wait), await isOver(small.wait)]).toEqual([true, true]);
    expect(room.take(4).wait).toBeDefined();
  });

  it('is given to one who is larger than all of it once nobody else is in it', async () => {
    const room = new PartRoom(10, NEVER);
    const small = room.take(1);
    const huge = room.take(100);
    expect(await isOver(huge.wait)).toBe(false);
    small.leave();
    expect(await isOver(huge.wait)).toBe(true);
  });

  it('is not waited for by one who has left, nor kept by them', async () => {
    const room = new PartRoom(10, NEVER);
    const first = room.take(10);
    const [gone, next] = [room.take(10), room.take(10)];
    gone.leave();
    expect(await isOver(gone.wait)).toBe(true);
    first.leave();
    expect(await isOver(next.wait)).toBe(true);
    next.leave();
    expect(room.take(10).wait).toBeUndefined();
  });

  it('is given after a while in any case, and counts from then on', async () => {
    const room = new PartRoom(10, { ...NEVER, waited: 5 });
    const slow = room.take(10);
    const late = room.take(10);
    await late.wait;
    slow.leave();
    const next = room.take(1);
    expect(next.wait).toBeDefined();
    late.leave();
    await next.wait;
  });

  it('is not kept by one who is slow, and given back once only', async () => {
    const room = new PartRoom(10, { ...NEVER, held: 5 });
    const slow = room.take(10);
    const next = room.take(10);
    await next.wait;
    slow.leave();
    const last = room.take(1);
    expect(last.wait).toBeDefined();
    await last.wait;
  });
});
