import type { Role } from '@app/database';
import { AuthenticatedUser } from './authenticated-user.js';

/** What a request needs of a user, as the drivers give it: session or token and user are read in one query. */
export const USER_COLUMNS = 'u.id, u.username, u.name, u.email, u.role';

export interface UserRow {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

export function authenticatedUser({ id, username, name, email, role }: UserRow): AuthenticatedUser {
  return new AuthenticatedUser(id, username, name, email, role);
}
