import { expect, it } from 'vitest';
import { FileDto } from './file.dto.js';

const MADE = Date.UTC(2026, 10, 24, 9, 30);
const file = { id: 42, name: 'a.txt', size: 1, sha256: 'e3b0', public: false, createdAt: MADE, updatedAt: MADE };

it.each([
  ['never changed', MADE, '2026-11-24T09:30:00.000Z'],
  ['changed a millisecond later', MADE + 1, '2026-11-24T09:30:00.001Z'],
])('shows when a file that was %s was made and changed', (_, updatedAt, shown) => {
  expect(FileDto.of({ ...file, updatedAt }, 'alice')).toEqual({
    ...file,
    location: 'alice/a.txt',
    createdAt: '2026-11-24T09:30:00.000Z',
    updatedAt: shown,
  });
});
