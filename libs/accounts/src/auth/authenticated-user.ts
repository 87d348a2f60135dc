import type { Role } from '@app/database';

/** Who makes a request, as the database had it at its beginning. Frozen. */
export class AuthenticatedUser {
  constructor(
    readonly id: number,
    readonly username: string,
    readonly name: string,
    readonly email: string,
    readonly role: Role,
  ) {
    Object.freeze(this);
  }
}
