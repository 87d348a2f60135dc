import { TextLength } from '@app/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, Matches } from 'class-validator';
import { IsPassword, PASSWORD_LENGTH } from '../passwords/password-rule.js';
import { IsUsername, USERNAME_RULE } from '../username.js';

/** What an account is made of. There are no other fields, so that nobody can give himself limits, a role or an id. */
export class SignUpDto {
  @ApiProperty({ type: String, minLength: 3, maxLength: 32, example: 'alice', description: USERNAME_RULE })
  @IsUsername()
  username: string;

  @ApiProperty({
    type: String,
    format: 'password',
    minLength: PASSWORD_LENGTH.min,
    maxLength: PASSWORD_LENGTH.max,
    example: 'correct horse battery staple',
  })
  @IsPassword()
  password: string;

  @ApiProperty({ type: String, format: 'email', maxLength: 254, example: 'alice@example.org' })
  @TextLength(3, 254)
  @IsEmail({}, { message: '$property must be an e-mail address' })
  email: string;

  @ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'Alice Liddell' })
  @TextLength(1, 100)
  // Looked at one character at a time: a pattern that can be matched in many ways takes quadratic time for a long text.
  @Matches(/^(?!\s*$)\P{Cc}*$/u, { message: '$property must not be blank or have control characters' })
  name: string;
}
