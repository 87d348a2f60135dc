import type { ApiToken } from '@app/database';
import { IfGiven, IsTime, TextLength } from '@app/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, Matches, ValidateIf } from 'class-validator';
import { type Scope, SCOPES } from '../../auth/scopes.js';

const MAX_NAME = 100;

/** What an API token is to be. */
export class CreateApiTokenDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: MAX_NAME, example: 'Backup of the office' })
  @TextLength(1, MAX_NAME)
  @Matches(/^(?!\s*$)\P{Cc}*$/u, { message: '$property must not be blank or have control characters' })
  name: string;

  @ApiProperty({ enum: SCOPES, isArray: true, minItems: 1, uniqueItems: true, example: ['files:read', 'files:write'] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true, message: `each of the scopes must be one of ${SCOPES.join(', ')}` })
  scopes: Scope[];

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2030-01-31T12:00:00Z',
    description: 'From then on it is refused; null, or left out, for never',
  })
  @ValidateIf((_, value) => value !== null)
  @IfGiven()
  @IsTime('future')
  expiresAt?: string | null;
}

/** An API token as its owner sees it: never the token itself. */
export class ApiTokenDto {
  @ApiProperty({ type: 'integer', example: 3 })
  id: number;

  @ApiProperty({ type: String, example: 'Backup of the office' })
  name: string;

  @ApiProperty({ enum: SCOPES, isArray: true, example: ['files:read', 'files:write'] })
  scopes: Scope[];

  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2030-01-31T12:00:00.000Z' })
  expiresAt: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'To the minute; null for never',
    example: '2026-01-31T18:30:00.000Z',
  })
  lastUsedAt: string | null;

  static of({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: ApiToken): ApiTokenDto {
    const text = (time: number | null) => (time === null ? null : new Date(time).toISOString());
    return {
      id,
      name,
      scopes: scopes.split(' ') as Scope[],
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: text(expiresAt),
      lastUsedAt: text(lastUsedAt),
    };
  }
}

export class ApiTokenCreatedDto {
  @ApiProperty({ type: String, example: 'Token created successfully' })
  message: string;

  @ApiProperty({
    type: String,
    description: 'For `Authorization: Bearer <token>`. Shown this once.',
    example: 'ddt_dGhpcyBpcyBvbmx5IGFuIGV4YW1wbGUgb2YgYSB0b2s',
  })
  token: string;

  @ApiProperty({ type: ApiTokenDto })
  apiToken: ApiTokenDto;
}

export class ApiTokensDto {
  @ApiProperty({ type: [ApiTokenDto] })
  apiTokens: ApiTokenDto[];
}
