import { describe, expect, it } from 'vitest';
import { isTooDeep } from './json-nesting.js';

describe('isTooDeep', () => {
  it.each([
    ['16 levels', `${'['.repeat(16)}${']'.repeat(16)}`],
    ['many objects side by side', `[${'{"a":[]},'.repeat(1_000)}{}]`],
    ['brackets in a string', JSON.stringify({ name: '[{'.repeat(1_000) })],
    ['brackets after a quote in a string', JSON.stringify({ name: `"${'['.repeat(1_000)}\\"` })],
    ['a string that ends with a backslash', JSON.stringify(['\\', '['.repeat(17)])],
    ['nothing', ''],
  ])('lets %s pass', (_what, json) => expect(isTooDeep(json)).toBe(false));

  it.each([
    ['17 arrays', `${'['.repeat(17)}${']'.repeat(17)}`],
    ['17 objects', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`],
    ['what never ends', '['.repeat(65_536)],
    ['depth behind strings', `["\\\\","\\"",${'['.repeat(16)}`],
  ])('finds %s', (_what, json) => expect(isTooDeep(json)).toBe(true));
});
