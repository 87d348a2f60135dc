import type { User } from '@app/database';
import type { Reserved } from '../usage.js';
import { ApiProperty } from '@nestjs/swagger';

/** What a user may store, and what of it is taken. */
export class UserLimitsDto {
  @ApiProperty({ type: 'integer', example: 100 })
  maxFiles: number;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'Bytes', example: 1073741824 })
  maxStorage: number;

  @ApiProperty({ type: 'integer', example: 3 })
  currentFiles: number;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'Bytes', example: 1048576 })
  currentStorage: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 97 })
  remainingFiles: number;

  @ApiProperty({ type: 'integer', format: 'int64', minimum: 0, description: 'Bytes', example: 1072693248 })
  remainingStorage: number;

  /**
   * What remains is what may still be uploaded: what is held for unfinished uploads is taken. A limit may have been
   * lowered below the usage: then nothing remains, but not less than that.
   */
  static of(
    user: Pick<User, 'maxFiles' | 'maxStorage' | 'usedFiles' | 'usedBytes'> & Partial<Reserved>,
  ): UserLimitsDto {
    const { reservedFiles = 0, reservedBytes = 0 } = user;
    return {
      maxFiles: user.maxFiles,
      maxStorage: user.maxStorage,
      currentFiles: user.usedFiles,
      currentStorage: user.usedBytes,
      remainingFiles: Math.max(0, user.maxFiles - user.usedFiles - reservedFiles),
      remainingStorage: Math.max(0, user.maxStorage - user.usedBytes - reservedBytes),
    };
  }
}
