import { ContractError } from '@app/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ContentConditions, select } from './byte-range.js';

const ETAG = '"abc"';
const to = (start: number, end: number) => ({ start, end });

/** What is selected of a file, or the range that a refusal tells. */
function answer(conditions: ContentConditions, size: number): unknown {
  try {
    return select(conditions, ETAG, size);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return [error.errorName, error.headers['content-range']];
  }
}

describe('select', () => {
  it.each([
    [undefined, 10, 'whole'],
    ['bytes=0-9', 10, to(0, 9)],
    ['bytes=0-0', 10, to(0, 0)],
    ['bytes=9-9', 10, to(9, 9)],
    ['bytes=3-', 10, to(3, 9)],
    ['bytes=0-', 10, to(0, 9)],
    ['bytes=5-99', 10, to(5, 9)],
    ['bytes=5-99999999999999999999999', 10, to(5, 9)],
    ['bytes=-3', 10, to(7, 9)],
    ['bytes=-10', 10, to(0, 9)],
    // A file that is shorter than the suffix asked for is sent whole.
    ['bytes=-11', 10, to(0, 9)],
    ['bytes=-99999999999999999999999', 10, to(0, 9)],
    ['BYTES=1-2', 10, to(1, 2)],
    ['bytes= 1-2 ', 10, to(1, 2)],
  ])('gives of the range %j of %i bytes %j', (range, size, expected) => {
    expect(answer({ range }, size)).toEqual(expected);
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=10-20', 10],
    ['bytes=99999999999999999999999-', 10],
    ['bytes=-0', 10],
    ['bytes=5-2', 10],
    ['bytes=0-', 0],
    ['bytes=0-0', 0],
    ['bytes=-5', 0],
  ])('refuses the range %j of %i bytes and says how many there are', (range, size) => {
    expect(answer({ range }, size)).toEqual(['rangeNotSatisfiable', `bytes */${size}`]);
  });

  it.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1.5-3',
    'bytes=0x1-3',
    'bytes=--5',
    'bytes=1-2-3',
    'bytes 0-5',
    'bytes=0-1,5-6',
    'bytes=0-1,99-',
    'items=0-5',
    // No byte range, so how many bytes there are does not matter.
    'items=99-',
  ])('gives the whole for %j', (range) => {
    expect(answer({ range }, 10)).toBe('whole');
  });

  it.each([
    [ETAG, to(1, 2)],
    [`W/${ETAG}`, 'whole'],
    ['"other"', 'whole'],
    ['abc', 'whole'],
    ['Tue, 24 Nov 2026 08:00:00 GMT', 'whole'],
    ['', 'whole'],
  ])('heeds a range only while If-Range is the very ETag: %s', (ifRange, expected) => {
    expect(answer({ range: 'bytes=1-2', ifRange }, 10)).toEqual(expected);
    expect(answer({ range: 'bytes=99-', ifRange }, 10)).toEqual(
      expected === 'whole' ? 'whole' : ['rangeNotSatisfiable', 'bytes */10'],
    );
  });

  it.each([
    [ETAG, 'not-modified'],
    [`W/${ETAG}`, 'not-modified'],
    ['*', 'not-modified'],
    [`"x", ${ETAG}`, 'not-modified'],
    [`"x" , W/${ETAG},"y"`, 'not-modified'],
    ['"x"', 'whole'],
    ['abc', 'whole'],
    ['', 'whole'],
  ])('asks first whether the client has it already: %s', (ifNoneMatch, expected) => {
    expect(answer({ ifNoneMatch }, 10)).toBe(expected);
    expect(answer({ ifNoneMatch, range: 'bytes=1-2', ifRange: ETAG }, 10)).toEqual(
      expected === 'whole' ? to(1, 2) : 'not-modified',
    );
    if (expected === 'not-modified') expect(answer({ ifNoneMatch, range: 'bytes=99-' }, 10)).toBe('not-modified');
  });

  it('never selects what is not there', () => {
    const bound = fc.oneof(fc.constant(''), fc.nat(20).map(String), fc.bigInt({ min: 0n }).map(String));
    const property = fc.property(bound, bound, fc.nat(15), (first, last, size) => {
      const selected = answer({ range: `bytes=${first}-${last}` }, size);
      if (typeof selected === 'string' || Array.isArray(selected)) return;
      const { start, end } = selected as { start: number; end: number };
      expect(0 <= start && start <= end && end < size).toBe(true);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
