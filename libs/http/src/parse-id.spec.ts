import { ContractError, ERRORS } from '@app/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseId } from './parse-id.js';

const idOrNothing = (raw: string): number | undefined => {
  try {
    return parseId(raw, 'invalidFileId');
  } catch (error) {
    expect(error).toBeInstanceOf(ContractError);
    return undefined;
  }
};

describe('parseId', () => {
  it.each([
    ['1', 1],
    ['42', 42],
    ['2147483647', 2147483647],
  ])('reads %j', (raw, id) => {
    expect(parseId(raw, 'invalidFileId')).toBe(id);
  });

  it.each([
    ...['abc', '-1', '0', '01', '1.5', '1e3', '0x1', ' 1', '1 ', '4294967296', '2147483648', '99999999999999999999'],
    ...[
      '',
      '-0',
      '+1',
      '1_000',
      '1,000',
      '1.0',
      '１',
      '١',
      '1\n',
      '1\0',
      'NaN',
      'Infinity',
      '%31',
      '1/2',
      '0b1',
      'true',
    ],
  ])('takes %j for no id', (raw) => {
    expect(idOrNothing(raw)).toBeUndefined();
  });

  it.each([
    ['invalidFileId', 'Invalid file ID'],
    ['invalidAccessId', 'Invalid access ID'],
    ['invalidUserId', 'Invalid user ID'],
  ] as const)('says %s with 400', (name, text) => {
    expect(() => parseId('x', name)).toThrow(text);
    expect(ERRORS[name]).toEqual({ status: 400, text });
  });

  it('reads every id from its own text, and only from that', () => {
    const ids = fc.integer({ min: 1, max: 2147483647 });
    fc.assert(fc.property(ids, (id) => void expect(parseId(String(id), 'invalidFileId')).toBe(id)));
    const texts = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'0123456789.-+ex _'), maxLength: 12 }),
      fc.double().map(String),
      fc.bigInt().map(String),
    );
    const property = fc.property(texts, (text) => {
      const id = idOrNothing(text);
      if (id !== undefined) expect([String(id), id >= 1 && id <= 2147483647]).toEqual([text, true]);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
