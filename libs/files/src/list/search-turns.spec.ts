import { ContractError } from '@app/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SearchTurns } from './search-turns.js';

describe('searches', () => {
  let turns: SearchTurns;
  let begun: string[];
  let ends: Map<string, () => void>;
  beforeEach(() => {
    vi.useFakeTimers();
    turns = new SearchTurns();
    begun = [];
    ends = new Map();
  });
  afterEach(() => void vi.useRealTimers());

  const search = (ownerId: number, name: string) =>
    turns.take(ownerId, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string) => {
    ends.get(name)!();
    await vi.advanceTimersByTimeAsync(0);
  };

  it('of one owner are carried out two at once, in the order of asking, and keep nobody else waiting', async () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => search(1, name));
    const other = search(2, 'other');
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b', 'other']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'other', 'c']);
    await end('a');
    for (const name of ['c', 'd', 'other']) await end(name);
    expect(await Promise.all([...all, other])).toEqual(['a', 'b', 'c', 'd', 'other']);
  });

  it('that fail give their turn to the next', async () => {
    const failing = [1, 2].map(() => turns.take(1, () => Promise.reject(new Error('no'))));
    const next = search(1, 'next');
    await Promise.allSettled(failing);
    await end('next');
    expect(await next).toBe('next');
  });

  it('are refused once they have waited for ten seconds, and at once where sixteen wait', async () => {
    void search(1, 'a');
    void search(1, 'b');
    const waiting = Array.from({ length: 16 }, (_, n) => search(1, `waiting ${n}`).catch((error: unknown) => error));
    await expect(search(1, 'too many')).rejects.toMatchObject({
      errorName: 'unavailable',
      headers: { 'retry-after': '5' },
    });
    await vi.advanceTimersByTimeAsync(9_999);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'waiting 0']);
    await vi.advanceTimersByTimeAsync(1);
    const [, ...refused] = waiting;
    expect((await Promise.all(refused)).every((error) => error instanceof ContractError)).toBe(true);
    await end('waiting 0');
    expect(await waiting[0]).toBe('waiting 0');
    void search(1, 'again');
    expect(begun).toEqual(['a', 'b', 'waiting 0', 'again']);
  });
});
