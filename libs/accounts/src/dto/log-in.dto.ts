import type { User } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString } from 'class-validator';
import { KnownAccountDto } from './account.dto.js';

/** Names and passwords that cannot exist are simply wrong here, so that a log-in tells nothing but yes or no. */
export class LogInDto {
  @ApiProperty({ type: String, example: 'alice' })
  // A keyboard of a telephone adds a blank.
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : value) as unknown)
  @IsString()
  username: string;

  @ApiProperty({ type: String, format: 'password', example: 'correct horse battery staple' })
  @IsString()
  password: string;
}

/** The answer to a log-in. */
export class LoggedInDto {
  @ApiProperty({ type: String, example: 'Login successful' })
  message: string;

  @ApiProperty({
    type: String,
    description: 'For `Authorization: Bearer <token>`',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.5tZ1',
  })
  token: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-02-01T12:00:00.000Z' })
  expiresAt: string;

  @ApiProperty({ type: KnownAccountDto })
  user: KnownAccountDto;

  static of(
    user: Pick<User, 'id' | 'username' | 'email' | 'name' | 'role'>,
    { token, expiresAt }: { token: string; expiresAt: number },
  ): LoggedInDto {
    return {
      message: 'Login successful',
      token,
      expiresAt: new Date(expiresAt).toISOString(),
      user: KnownAccountDto.of(user),
    };
  }
}

/** The answer to a log-in of a browser: what it is known by is in the cookie, where no script reads it. */
export class SessionOpenedDto {
  @ApiProperty({ type: String, example: 'Login successful' })
  message: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'Unless it is used before',
    example: '2026-03-02T12:00:00.000Z',
  })
  expiresAt: string;

  @ApiProperty({ type: KnownAccountDto })
  user: KnownAccountDto;

  /** @param expiresAt milliseconds since 1970 */
  static of(user: Pick<User, 'id' | 'username' | 'email' | 'name' | 'role'>, expiresAt: number): SessionOpenedDto {
    return {
      message: 'Login successful',
      expiresAt: new Date(expiresAt).toISOString(),
      user: KnownAccountDto.of(user),
    };
  }
}
