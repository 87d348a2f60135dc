import { describe, expect, it } from 'vitest';
import { exceedsBounds } from './json-bounds.js';

const keys = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, n])));

describe('exceedsBounds', () => {
  it.each([
    ['16 levels', `${'['.repeat(16)}${']'.repeat(16)}`],
    ['32 objects and lists', `[${'{},'.repeat(30)}[]]`],
    ['64 keys', keys(64)],
    ['1,024 values', JSON.stringify({ ids: Array.from({ length: 1_024 }, (_, n) => n) })],
    ['brackets in a string', JSON.stringify({ name: '[{'.repeat(1_000) })],
    ['commas and colons in a string', JSON.stringify({ name: ',:'.repeat(10_000) })],
    ['brackets after a quote in a string', JSON.stringify({ name: `"${'['.repeat(1_000)}\\"` })],
    ['a string that ends with a backslash', JSON.stringify(['\\', '['.repeat(17)])],
    ['a string that never ends', '"[[['],
    ['nothing', ''],
  ])('lets %s pass', (_what, json) => expect(exceedsBounds(json)).toBe(false));

  it.each([
    ['17 arrays', `${'['.repeat(17)}${']'.repeat(17)}`],
    ['17 objects', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`],
    ['what never ends', '['.repeat(65_536)],
    ['depth behind strings', `["\\\\","\\"",${'['.repeat(16)}`],
    ['33 objects', `[${'{},'.repeat(31)}{}]`],
    ['65 keys', keys(65)],
    ['a list of 2,000', JSON.stringify(Array.from({ length: 2_000 }, () => 0))],
  ])('finds %s', (_what, json) => expect(exceedsBounds(json)).toBe(true));
});
