import { describe, expect, it } from 'vitest';
import { forwardedReader } from './forwarded.js';

const read = forwardedReader(['127.0.0.1', '10.0.0.0/8', '::1']);
const brought = (plain?: string, standard?: string) => {
  const headers = {
    ...(plain === undefined ? {} : { 'x-forwarded-for': plain }),
    ...(standard === undefined ? {} : { forwarded: standard }),
  };
  read(headers);
  return (headers as Record<string, string>)['x-forwarded-for'];
};

describe('forwardedReader', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' , 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:54321', '203.0.113.7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
    ['198.51.100.1:1, 203.0.113.7:54321', '198.51.100.1, 203.0.113.7'],
    ['nonsense', 'nonsense'],
  ])('takes the ports out of %j', (plain, expected) => {
    expect(brought(plain)).toBe(expected);
  });

  it.each([
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7:4711";proto=https;by=10.0.0.1', '203.0.113.7'],
    ['proto=https; for="[2001:db8::7]:4711"', '2001:db8::7'],
    ['for=198.51.100.1, for=203.0.113.7;host="a,b"', '198.51.100.1, 203.0.113.7'],
    ['for=_hidden', '_hidden'],
    ['for=unknown', 'unknown'],
    ['proto=https', 'unknown'],
  ])('reads %j where it is alone', (standard, expected) => {
    expect(brought(undefined, standard)).toBe(expected);
  });

  it.each([
    ['203.0.113.7', 'for=203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:1', 'for="203.0.113.7:2"', '203.0.113.7'],
    ['203.0.113.7, 10.1.1.1', 'for=203.0.113.7', '203.0.113.7, 10.1.1.1'],
    ['::ffff:203.0.113.7', 'for=203.0.113.7', '::ffff:203.0.113.7'],
    ['203.0.113.7', 'for=198.51.100.1', 'unknown'],
    ['10.0.0.1', 'for=203.0.113.7', 'unknown'],
    ['nonsense', 'for=203.0.113.7', 'unknown'],
  ])('believes %j and %j only where they agree', (plain, standard, expected) => {
    expect(brought(plain, standard)).toBe(expected);
  });

  it('says nothing where nothing came', () => {
    expect(brought()).toBeUndefined();
    expect(brought(' , ')).toBe(' , ');
  });
});
