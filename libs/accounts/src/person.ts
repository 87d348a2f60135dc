import { TextLength } from '@app/http';
import { applyDecorators } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { IsEmail, Matches } from 'class-validator';

const NAME = { min: 1, max: 100 } as const;
const EMAIL = { min: 3, max: 254 } as const;

/** How a person's name and address stand in the OpenAPI document. */
export const NAME_PROPERTY = {
  type: String,
  minLength: NAME.min,
  maxLength: NAME.max,
  example: 'Alice Liddell',
} as const satisfies ApiPropertyOptions;
export const EMAIL_PROPERTY = {
  type: String,
  format: 'email',
  maxLength: EMAIL.max,
  example: 'alice@example.org',
} as const satisfies ApiPropertyOptions;

/** Validates a property as a person's name. */
export function IsPersonName(): PropertyDecorator {
  return applyDecorators(
    TextLength(NAME.min, NAME.max),
    // Looked at one character at a time: a pattern that can be matched in many ways takes quadratic time for a long text.
    Matches(/^(?!\s*$)\P{Cc}*$/u, { message: '$property must not be blank or have control characters' }),
  );
}

/** Validates a property as an e-mail address. */
export function IsEmailAddress(): PropertyDecorator {
  return applyDecorators(
    TextLength(EMAIL.min, EMAIL.max),
    IsEmail({ require_tld: false, allow_ip_domain: true }, { message: '$property must be an e-mail address' }),
  );
}
