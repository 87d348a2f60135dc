import type { Role, User } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';

/** An account as its owner sees it. */
export class AccountDto {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ type: String, example: 'alice' })
  username: string;

  @ApiProperty({ type: String, example: 'alice@example.org' })
  email: string;

  @ApiProperty({ type: String, example: 'Alice Liddell' })
  name: string;

  static of({ id, username, email, name }: Pick<User, 'id' | 'username' | 'email' | 'name'>): AccountDto {
    return { id, username, email, name };
  }
}

/** An account, as log-in shows it. */
export class KnownAccountDto extends AccountDto {
  @ApiProperty({ enum: ['user', 'admin'], example: 'user' })
  role: Role;

  static override of(user: Pick<User, 'id' | 'username' | 'email' | 'name' | 'role'>): KnownAccountDto {
    return { ...AccountDto.of(user), role: user.role };
  }
}

/** An account with all that its owner may know of it. */
export class FullAccountDto extends KnownAccountDto {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: Boolean, description: 'Else the log-in is at an identity provider', example: true })
  hasPassword: boolean;

  static override of(
    user: Pick<User, 'id' | 'username' | 'email' | 'name' | 'role' | 'createdAt' | 'passwordHash'>,
  ): FullAccountDto {
    const hasPassword = user.passwordHash !== '';
    return { ...KnownAccountDto.of(user), hasPassword, createdAt: new Date(user.createdAt).toISOString() };
  }
}

export class AccountBody {
  @ApiProperty({ type: FullAccountDto })
  user: FullAccountDto;
}

export class AccountUpdatedDto extends AccountBody {
  @ApiProperty({ type: String, example: 'User updated successfully' })
  message: string;
}

/** An account that has just been made. */
export class NewAccountDto extends AccountDto {
  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  createdAt: string;

  static override of(user: Pick<User, 'id' | 'username' | 'email' | 'name' | 'createdAt'>): NewAccountDto {
    return { ...AccountDto.of(user), createdAt: new Date(user.createdAt).toISOString() };
  }
}

/** The answer to a sign-up. */
export class SignedUpDto {
  @ApiProperty({ type: String, example: 'User created successfully' })
  message: string;

  @ApiProperty({ type: NewAccountDto })
  user: NewAccountDto;

  static of(user: NewAccountDto): SignedUpDto {
    return { message: 'User created successfully', user };
  }
}
