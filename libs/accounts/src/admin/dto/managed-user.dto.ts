import type { Role, User } from '@app/database';
import { IfGiven, PageQuery } from '@app/http';
import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { SignUpDto } from '../../dto/sign-up.dto.js';
import { UpdateAccountDto } from '../../dto/update-account.dto.js';
import { UserLimitsDto } from '../../dto/user-limits.dto.js';
import { IsPassword, PASSWORD_LENGTH } from '../../passwords/password-rule.js';
import type { Reserved } from '../../usage.js';
import { UpdateLimitsDto } from './admin-limits.dto.js';

const ROLES: readonly Role[] = ['user', 'admin'];

export class ListUsersQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'A part of the user name, the name or the address, in any case' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  q?: string;
}

class RoleDto {
  @ApiPropertyOptional({ enum: ROLES, example: 'user' })
  @IfGiven()
  @IsIn(ROLES, { message: `$property must be one of ${ROLES.join(', ')}` })
  role?: Role;
}

/** An account that an admin makes. */
export class CreateUserDto extends IntersectionType(SignUpDto, RoleDto, UpdateLimitsDto) {}

/** What an admin may change of an account; what is left out stays. */
export class UpdateUserDto extends IntersectionType(UpdateAccountDto, RoleDto, UpdateLimitsDto) {
  @ApiPropertyOptional({ type: Boolean, description: 'A disabled user is shut out at once', example: false })
  @IfGiven()
  @IsBoolean()
  disabled?: boolean;

  @ApiPropertyOptional({
    type: String,
    format: 'password',
    minLength: PASSWORD_LENGTH.min,
    maxLength: PASSWORD_LENGTH.max,
    description: 'A new one; ends every session of the user',
    example: 'a much better one, this time',
  })
  @IfGiven()
  @IsPassword()
  password?: string;
}

/** An account as admins see it, with its limits and usage. */
export class ManagedUserDto extends UserLimitsDto {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ type: String, example: 'alice' })
  username: string;

  @ApiProperty({ type: String, example: 'Alice Liddell' })
  name: string;

  @ApiProperty({ type: String, example: 'alice@example.org' })
  email: string;

  @ApiProperty({ enum: ROLES, example: 'user' })
  role: Role;

  @ApiProperty({ type: Boolean, example: false })
  disabled: boolean;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  createdAt: string;

  static override of(user: User & Partial<Reserved>): ManagedUserDto {
    const { id, username, name, email, role, disabled } = user;
    const createdAt = new Date(user.createdAt).toISOString();
    return { id, username, name, email, role, disabled, ...UserLimitsDto.of(user), createdAt };
  }
}

export class ManagedUsersPage {
  @ApiProperty({ type: [ManagedUserDto] })
  users: ManagedUserDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Give it as cursor for the next page; null on the last' })
  nextCursor: string | null;
}

export class ManagedUserBody {
  @ApiProperty({ type: String, example: 'User updated successfully' })
  message: string;

  @ApiProperty({ type: ManagedUserDto })
  user: ManagedUserDto;
}
