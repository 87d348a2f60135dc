import { ApiProperty } from '@nestjs/swagger';
import { IsPassword, PASSWORD_LENGTH } from '../passwords/password-rule.js';
import { EMAIL_PROPERTY, IsEmailAddress, IsPersonName, NAME_PROPERTY } from '../person.js';
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

  @ApiProperty(EMAIL_PROPERTY)
  @IsEmailAddress()
  email: string;

  @ApiProperty(NAME_PROPERTY)
  @IsPersonName()
  name: string;
}
