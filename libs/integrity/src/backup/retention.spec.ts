import { expect, it } from 'vitest';
import { retained } from './retention.js';

const HOUR = 60 * 60 * 1000;
const at = (text: string) => Date.parse(text);
const every = (count: number, hours: number) =>
  Array.from({ length: count }, (_, n) => at('2026-11-27T12:00:00Z') - n * hours * HOUR);
const days = (kept: Set<number>) => [...kept].map((time) => new Date(time).toISOString().slice(0, 10)).toSorted();

it('keeps everything where nothing is said, and always the newest', () => {
  const times = every(5, 1);
  expect(retained(times, {})).toEqual(new Set(times));
  expect(retained(times, { last: 0 })).toEqual(new Set([times[0]]));
  expect(retained([], { last: 3 })).toEqual(new Set());
});

it('keeps the last ones', () => expect(retained(every(9, 1), { last: 3 })).toEqual(new Set(every(3, 1))));

it('keeps the newest of each of so many days that have one', () => {
  const times = [...every(3, 1), at('2026-11-20T01:00:00Z'), at('2026-11-20T23:00:00Z'), at('2026-11-01T00:00:00Z')];
  expect(retained(times, { daily: 2 })).toEqual(new Set([times[0], at('2026-11-20T23:00:00Z')]));
});

it('keeps what any rule keeps: days, weeks from Monday on, months', () => {
  expect(days(retained(every(100, 24), { daily: 2, weekly: 3, monthly: 3 }))).toEqual([
    ...['2026-09-30', '2026-10-31', '2026-11-15', '2026-11-22', '2026-11-26', '2026-11-27'],
  ]);
});
