import { expect, it } from 'vitest';
import { keptAddress } from './kept-address.js';

it.each([
  ['203.0.113.7', 'full', '203.0.113.7'],
  ['::ffff:203.0.113.7', 'full', '203.0.113.7'],
  ['203.0.113.7', 'network', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', 'network', '203.0.113.0/24'],
  ['2001:db8:1234:5678::9', 'full', '2001:db8:1234:5678::9'],
  ['2001:db8:1234:5678::9', 'network', '2001:db8:1234::/48'],
  ['203.0.113.7', 'none', undefined],
  ['no address', 'full', undefined],
] as const)('of %s, %s is %s', (address, kept, expected) => expect(keptAddress(address, kept)).toBe(expected));
