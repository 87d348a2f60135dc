import { IsPassword } from '@app/accounts';
import { IfGiven, IsTime, TextLength } from '@app/http';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, Matches, Max, Min, ValidateIf } from 'class-validator';
import { IsAddressList, IsNetworkList, MAX_ENTRIES } from './validation.js';

/** What an owner says about an access. At its creation a field that is left out has its default, later its value stays. */
export class AccessSettingsDto {
  @ApiPropertyOptional({ type: String, maxLength: 255, default: '', example: 'For the printers' })
  @IfGiven()
  @Matches(/^\P{Cc}*$/u, { message: '$property must not have control characters' })
  @TextLength(0, 255)
  name?: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: MAX_ENTRIES,
    default: [],
    // Of all examples together one link is made, which must admit somebody.
    example: [],
    description: 'Networks that the link is restricted to, such as 10.0.0.0/8; empty for no restriction',
  })
  @IfGiven()
  @IsNetworkList()
  subnets?: string[];

  @ApiPropertyOptional({
    type: [String],
    maxItems: MAX_ENTRIES,
    default: [],
    example: [],
    description: 'Addresses that the link is restricted to, such as 192.0.2.7; empty for no restriction',
  })
  @IfGiven()
  @IsAddressList()
  ips?: string[];

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2030-01-31T12:00:00Z',
    description: 'From then on the link is refused; null for never',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsTime()
  expires?: string | null;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    example: true,
    description: 'The link works while this and the file are public',
  })
  @IfGiven()
  @IsBoolean()
  public?: boolean;

  @ApiPropertyOptional({ type: Boolean, default: false, example: false, description: 'The link works exactly once' })
  @IfGiven()
  @IsBoolean()
  oneTimeUse?: boolean;

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: 1,
    maximum: 2147483647,
    example: 3,
    description: 'Number of uses that are allowed while enableTTL is set',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsInt()
  @Min(1)
  @Max(2147483647)
  ttl?: number | null;

  @ApiPropertyOptional({ type: Boolean, default: false, example: true, description: 'Whether uses are limited by ttl' })
  @IfGiven()
  @IsBoolean()
  enableTTL?: boolean;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: null,
    minLength: 8,
    maxLength: 128,
    description: 'The link asks for it; null for none. Only its hash is kept, and nobody is told',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsPassword()
  password?: string | null;
}
