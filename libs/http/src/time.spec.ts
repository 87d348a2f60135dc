import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from './time.js';

describe('parseTime', () => {
  it.each([
    ['2030-01-31T12:00:00Z', Date.UTC(2030, 0, 31, 12)],
    ['2030-01-31t12:00:00z', Date.UTC(2030, 0, 31, 12)],
    ['2030-01-31T12:00:00.5Z', Date.UTC(2030, 0, 31, 12, 0, 0, 500)],
    ['2030-01-31T12:00:00.123456789Z', Date.UTC(2030, 0, 31, 12, 0, 0, 123)],
    ['2030-01-31T12:00:00+02:00', Date.UTC(2030, 0, 31, 10)],
    ['2030-01-31T12:00:00-23:59', Date.UTC(2030, 1, 1, 11, 59)],
    ['2030-01-31T12:00:00-00:00', Date.UTC(2030, 0, 31, 12)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
  ])('reads %j', (text, time) => {
    expect(parseTime(text)).toBe(time);
  });

  it.each([
    '',
    'tomorrow',
    '2030-01-31',
    '2030-01-31T12:00Z',
    '2030-01-31T12:00:00',
    '2030-01-31 12:00:00Z',
    '2030-02-30T00:00:00Z',
    '2030-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2030-04-31T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '2030-13-01T00:00:00Z',
    '2030-00-01T00:00:00Z',
    '2030-01-00T00:00:00Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01T23:60:00Z',
    '2030-01-01T23:59:60Z',
    '2030-01-01T00:00:00.Z',
    '2030-01-01T00:00:00+24:00',
    '2030-01-01T00:00:00+0200',
    '2030-01-01T00:00:00Z\n',
    '12030-01-01T00:00:00Z',
    '+002030-01-01T00:00:00Z',
    '1893456000000',
  ])('takes %j for none', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('reads what Date writes', () => {
    const years = { min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
