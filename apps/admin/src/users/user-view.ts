import { UserLimitsDto } from '@app/accounts';
import type { User } from '@app/database';
import { formatBytes } from '../terminal/bytes.js';
import { printJson, printRecord } from '../terminal/output.js';

/** A user as the command line shows one, under the names of the wire contract. Without the password's hash. */
export function userView(user: User) {
  const { id, username, name, email, role, disabled, createdAt } = user;
  return {
    id,
    username,
    name,
    email,
    role,
    disabled,
    ...UserLimitsDto.of(user),
    createdAt: new Date(createdAt).toISOString(),
  };
}

export function printUser(user: User, json: boolean | undefined): void {
  const view = userView(user);
  if (json) return printJson(view);
  printRecord({
    ...view,
    disabled: view.disabled ? 'yes' : 'no',
    maxStorage: formatBytes(view.maxStorage),
    currentStorage: formatBytes(view.currentStorage),
    remainingStorage: formatBytes(view.remainingStorage),
  });
}
