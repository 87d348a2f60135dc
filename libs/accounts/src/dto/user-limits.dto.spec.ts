import { describe, expect, it } from 'vitest';
import { UserLimitsDto } from './user-limits.dto.js';

describe('UserLimitsDto', () => {
  it('says what remains, never less than nothing', () => {
    expect(UserLimitsDto.of({ maxFiles: 5, maxStorage: 100, usedFiles: 2, usedBytes: 30 })).toEqual({
      maxFiles: 5,
      maxStorage: 100,
      currentFiles: 2,
      currentStorage: 30,
      remainingFiles: 3,
      remainingStorage: 70,
    });
    expect(UserLimitsDto.of({ maxFiles: 1, maxStorage: 10, usedFiles: 2, usedBytes: 30 })).toMatchObject({
      remainingFiles: 0,
      remainingStorage: 0,
    });
  });
});
