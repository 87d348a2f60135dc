import { ManagedUserDto } from '@app/accounts';
import type { User } from '@app/database';
import { formatBytes } from '../terminal/bytes.js';
import { printJson, printRecord } from '../terminal/output.js';

/** Shows a user under the names of the wire contract. */
export function printUser(user: User, json: boolean | undefined): void {
  const view = ManagedUserDto.of(user);
  if (json) return printJson(view);
  printRecord({
    ...view,
    disabled: view.disabled ? 'yes' : 'no',
    maxStorage: formatBytes(view.maxStorage),
    currentStorage: formatBytes(view.currentStorage),
    remainingStorage: formatBytes(view.remainingStorage),
  });
}
