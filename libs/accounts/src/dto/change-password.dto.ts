import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { IsPassword, PASSWORD_LENGTH } from '../passwords/password-rule.js';

export class ChangePasswordDto {
  @ApiProperty({ type: String, format: 'password', example: 'correct horse battery staple' })
  @IsString()
  currentPassword: string;

  @ApiProperty({
    type: String,
    format: 'password',
    minLength: PASSWORD_LENGTH.min,
    maxLength: PASSWORD_LENGTH.max,
    example: 'a much better one, this time',
  })
  @IsPassword()
  newPassword: string;
}
