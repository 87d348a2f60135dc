import type { Identity } from '@app/database';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IfGiven, TextLength } from '@app/http';
import { IsString } from 'class-validator';

const BACK = {
  type: String,
  maxLength: 1000,
  example: '/account',
  description: 'Where to be afterwards: a path below the drive’s address',
} as const;

/** An identity of the user who asks. */
export class IdentityDto {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ type: String, example: 'https://login.example.org/realms/company' })
  issuer: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  createdAt: string;

  static of({ id, issuer, createdAt }: Identity): IdentityDto {
    return { id, issuer, createdAt: new Date(createdAt).toISOString() };
  }
}

export class IdentitiesDto {
  @ApiProperty({ type: [IdentityDto] })
  identities: IdentityDto[];
}

/** Where a log-in begins. */
export class LogInPlaceDto {
  @ApiPropertyOptional(BACK)
  @IfGiven()
  @TextLength(0, 1000)
  back?: string;
}

export class LinkIdentityDto extends LogInPlaceDto {
  @ApiProperty({ type: String, format: 'password', example: 'correct horse battery staple' })
  @IsString()
  password: string;
}

/** Where the person has to go. */
export class ProviderAddressDto {
  @ApiProperty({
    type: String,
    format: 'uri',
    example: 'https://login.example.org/realms/company/auth?client_id=defdrive',
  })
  url: string;
}
