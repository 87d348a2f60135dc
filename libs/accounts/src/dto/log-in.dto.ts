import type { User } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { AccountDto } from './account.dto.js';

/** Names and passwords that cannot exist are simply wrong here, so that a log-in tells nothing but yes or no. */
export class LogInDto {
  @ApiProperty({ type: String, example: 'alice' })
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

  @ApiProperty({ type: AccountDto })
  user: AccountDto;

  static of(
    user: Pick<User, 'id' | 'username' | 'email' | 'name'>,
    { token, expiresAt }: { token: string; expiresAt: number },
  ): LoggedInDto {
    return {
      message: 'Login successful',
      token,
      expiresAt: new Date(expiresAt).toISOString(),
      user: AccountDto.of(user),
    };
  }
}
