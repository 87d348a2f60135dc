import { ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { EMAIL_PROPERTY, IsEmailAddress, IsPersonName, NAME_PROPERTY } from '../person.js';

/** Only what is left out stays as it is; `null` is no text. */
const isGiven = (_: object, value: unknown) => value !== undefined;

/** What a user may change of himself. */
export class UpdateAccountDto {
  @ApiPropertyOptional(NAME_PROPERTY)
  @ValidateIf(isGiven)
  @IsPersonName()
  name?: string;

  @ApiPropertyOptional(EMAIL_PROPERTY)
  @ValidateIf(isGiven)
  @IsEmailAddress()
  email?: string;
}
