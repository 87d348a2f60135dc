import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.js';

describe('BufferPool', () => {
  it('hands out a buffer again once it was given back, and never to two users', () => {
    const pool = new BufferPool(8, 4);
    const [first, second] = [pool.take(), pool.take()];
    expect(first).not.toBe(second);
    pool.giveBack(first);
    expect(pool.take()).toBe(first);
    expect(pool.take()).not.toBe(first);
    expect([first.length, second.length]).toEqual([8, 8]);
  });

  it('keeps no more than its limit', () => {
    const pool = new BufferPool(8, 1);
    const [first, second] = [pool.take(), pool.take()];
    pool.giveBack(first);
    pool.giveBack(second);
    expect(pool.take()).toBe(first);
    expect(pool.take()).not.toBe(second);
  });
});
