import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, parseAddress, parseNetwork, readCaller } from './addresses.js';

describe('parseAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::1', '::1'],
    ['::', '::'],
    ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
  ])('gives %j its canonical form', (text, canonical) => {
    expect(parseAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    '10.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '256.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.4/32',
    '::1::',
    'fe80::1%eth0',
    '::1.2.3.4',
    '[::1]',
    '1.2.3.4:80',
    'localhost',
    '١.٢.٣.٤',
  ])('takes %j for none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('parseNetwork', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['192.0.2.7/32', '192.0.2.7/32'],
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['2001:DB8::5/32', '2001:db8::/32'],
    ['::1/128', '::1/128'],
    ['::/0', '::/0'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:0:0/95', '::fffe:0:0/95'],
  ])('gives %j its canonical form', (text, canonical) => {
    expect(parseNetwork(text)).toBe(canonical);
  });

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '10.0.0.0/8\n',
    '10.0.0.0/255.0.0.0',
    '10.1/16',
    '010.0.0.0/8',
    '::/129',
    'fe80::%eth0/64',
    '/8',
  ])('takes %j for none', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  it('changes nothing in what it has given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (address, bits) => {
        const network = parseNetwork(`${address}/${bits}`);
        fc.pre(network !== undefined);
        expect(parseNetwork(network!)).toBe(network);
        expect(isWithin(readCaller(address)!, network!)).toBe(true);
      }),
    );
  });
});

describe('readCaller', () => {
  it.each(['', 'unknown', '10.1', '::1.2.3.4', '1.2.3.4:80'])('takes %j for no address', (text) => {
    expect(readCaller(text)).toBeUndefined();
  });
});

describe('isWithin', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['10.1.2.3', '::/0', false],
    ['::1', '0.0.0.0/0', false],
    ['2001:db8:ffff::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['fe80::1%eth0', 'fe80::/10', true],
  ])('%j in %j: %j', (address, network, within) => {
    expect(isWithin(readCaller(address)!, network)).toBe(within);
  });

  it('agrees with the bits of the address', () => {
    const number = (octets: number[]) => octets.reduce((sum, octet) => sum * 256 + octet, 0);
    const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(octets, octets, fc.nat(32), (one, other, bits) => {
        const block = 2 ** (32 - bits);
        const same = Math.floor(number(one) / block) === Math.floor(number(other) / block);
        expect(isWithin(readCaller(one.join('.'))!, parseNetwork(`${other.join('.')}/${bits}`)!)).toBe(same);
      }),
    );
  });
});
