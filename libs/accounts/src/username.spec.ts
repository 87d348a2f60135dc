import { describe, expect, it } from 'vitest';
import { foldUsername, isUsername } from './username.js';

const LEGAL = ['abc', 'Alice', 'a.b', 'a-b_c', '007', 'a..b', 'console', 'com10', 'nulls', 'a'.repeat(32), 'x.con'];

const ILLEGAL = {
  'too short': ['', 'a', 'ab'],
  'too long': ['a'.repeat(33)],
  'a path': ['../x', 'a/b', 'a\\b', '..', '...'],
  'begins or ends with a sign': ['.tmp', '-ab', '_ab', 'ab.', 'ab-', 'ab_'],
  'a device of Windows': ['CON', 'con', 'Aux', 'nul', 'prn', 'com1', 'LPT9', 'con.txt', 'nul.a.b'],
  'letters beyond a-z': ['zoë', 'ALİCE', 'kelvin\u212a', 'ſam', 'ａｂｃ', 'аlice'],
  'white space and controls': [' abc', 'abc ', 'a b', 'abc\n', 'a\tb', 'a\u0000b', 'abc\u200b'],
  'no text': [undefined, null, 123, true, ['abc'], { toString: () => 'abc' }],
};

describe('the rule for user names', () => {
  it.each(LEGAL)('takes %j', (name) => {
    expect(isUsername(name)).toBe(true);
  });

  it.each(Object.entries(ILLEGAL).flatMap(([why, names]) => names.map((name) => [why, name] as const)))(
    'refuses what is %s: %j',
    (_why, name) => {
      expect(isUsername(name)).toBe(false);
    },
  );

  it('makes one name of all the ways to write it', () => {
    expect(foldUsername('AlIcE')).toBe('alice');
  });
});
