import { expect, it } from 'vitest';
import { type CsvRow, filesOf, listOf, timeOf, usersOf } from './ancestor-tables.js';

it.each([
  ['2025-03-01 10:00:00.123456+00', '2025-03-01T10:00:00.123Z'],
  ['2025-03-01 12:30:00+02', '2025-03-01T10:30:00.000Z'],
  ['2025-03-01T10:00:00Z', '2025-03-01T10:00:00.000Z'],
  ['2025-03-01 10:00:00-03:30', '2025-03-01T13:30:00.000Z'],
])('%s is %s', (created_at, iso) => expect(new Date(timeOf({ created_at }, 'created_at')).toISOString()).toBe(iso));

it.each(['', 'yesterday', '2025-13-01 10:00:00+00'])('%o is no time', (created_at) =>
  expect(timeOf({ created_at }, 'created_at')).toBe(0),
);

it.each([
  ['', []],
  ['{}', []],
  ['10.0.0.0/8', ['10.0.0.0/8']],
  ['{10.0.0.0/8,2001:db8::/32}', ['10.0.0.0/8', '2001:db8::/32']],
  ['{"10.0.0.0/8", "a \\"b\\", c"}', ['10.0.0.0/8', 'a "b", c']],
])('%s is a list of %o', (text, list) => expect(listOf(text)).toEqual(list));

it('leaves out what was deleted there, and takes either name of an id', () => {
  const users = [
    { user_id: '7', username: 'a', deleted_at: '' },
    { id: '8', username: 'b', deleted_at: '2025-03-01 10:00:00+00' },
  ] as unknown as CsvRow[];
  expect(usersOf({ users, files: [], accesses: [] })).toMatchObject([{ id: '7', username: 'a', maxFiles: undefined }]);
});

it('has the newest file first', () => {
  const files = ['9', '10', '2'].map((id) => ({ id, size: '5', public: 't' }));
  expect(filesOf({ users: [], files, accesses: [] }).map(({ id }) => id)).toEqual(['10', '9', '2']);
});
