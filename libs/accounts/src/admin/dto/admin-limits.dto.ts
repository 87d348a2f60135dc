import type { User } from '@app/database';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, ValidateIf } from 'class-validator';
import { UserLimitsDto } from '../../dto/user-limits.dto.js';
import type { Reserved } from '../../usage.js';

/** What the column holds. */
const MAX_FILES = 2147483647;

/** Only what is left out stays as it is; `null` is no number. */
const isGiven = (_: object, value: unknown) => value !== undefined;

/** New limits of a user. That they are not negative is the service's rule, which has texts of its own. */
export class UpdateLimitsDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_FILES, example: 100 })
  @ValidateIf(isGiven)
  @IsInt({ message: '$property must be a whole number' })
  @Max(MAX_FILES)
  maxFiles?: number;

  @ApiPropertyOptional({
    type: 'integer',
    format: 'int64',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Bytes',
    example: 1073741824,
  })
  @ValidateIf(isGiven)
  @IsInt({ message: '$property must be a whole number' })
  @Max(Number.MAX_SAFE_INTEGER)
  maxStorage?: number;
}

/** A user's limits and usage, as admins see them. */
export class AdminLimitsDto extends UserLimitsDto {
  @ApiProperty({ type: 'integer', example: 1 })
  userId: number;

  @ApiProperty({ type: String, example: 'alice' })
  username: string;

  @ApiProperty({ type: String, example: 'alice@example.org' })
  email: string;

  static override of(
    user: Pick<User, 'id' | 'username' | 'email' | 'maxFiles' | 'maxStorage' | 'usedFiles' | 'usedBytes'> &
      Partial<Reserved>,
  ): AdminLimitsDto {
    return { userId: user.id, username: user.username, email: user.email, ...UserLimitsDto.of(user) };
  }
}

export class AdminLimitsPage {
  @ApiProperty({ type: [AdminLimitsDto] })
  users: AdminLimitsDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Give it as cursor for the next page; null on the last' })
  nextCursor: string | null;
}

/** The limits that a user has now. */
export class SetLimitsDto {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ type: String, example: 'alice' })
  username: string;

  @ApiProperty({ type: 'integer', example: 100 })
  maxFiles: number;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'Bytes', example: 1073741824 })
  maxStorage: number;

  static of({ id, username, maxFiles, maxStorage }: User): SetLimitsDto {
    return { id, username, maxFiles, maxStorage };
  }
}

export class LimitsUpdatedDto {
  @ApiProperty({ type: String, example: 'User limits updated successfully' })
  message: string;

  @ApiProperty({ type: SetLimitsDto })
  user: SetLimitsDto;

  static of(user: User): LimitsUpdatedDto {
    return { message: 'User limits updated successfully', user: SetLimitsDto.of(user) };
  }
}
