import { AdminUsersService } from '@app/accounts';
import type { User } from '@app/database';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError } from '../exit.js';
import { readNewPassword } from '../terminal/ask.js';
import { LimitsCommand, type LimitsOptions } from './limits-options.js';
import { parseRole } from './role.js';
import { printUser } from './user-view.js';

const USER = { username: 'User name' };

/** Finds a user, does something with it, and shows what became of it. */
async function withUser(
  drive: Drive,
  username: string | undefined,
  { json }: OutputOptions,
  work: (users: AdminUsersService, user: User) => Promise<User>,
): Promise<void> {
  const users = (await drive.open()).get(AdminUsersService);
  printUser(await work(users, await users.byName(username!)), json);
}

@SubCommand({ name: 'show', arguments: '<username>', argsDescription: USER, description: 'Show one user' })
export class ShowUserCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], options: OutputOptions): Promise<void> {
    await withUser(this.drive, username, options, async (_users, user) => user);
  }
}

@SubCommand({
  name: 'set-limits',
  arguments: '<username>',
  argsDescription: USER,
  description: 'Set what a user may store. Limits below the usage delete nothing and only stop uploads.',
})
export class SetLimitsCommand extends LimitsCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], options: LimitsOptions): Promise<void> {
    const limits = this.limits(options);
    if (Object.keys(limits).length === 0) throw new AdminError('Give --max-files, --max-storage or both');
    await withUser(this.drive, username, options, (users, user) => users.update(user, limits));
  }
}

@SubCommand({
  name: 'set-role',
  arguments: '<username> <role>',
  argsDescription: { ...USER, role: '"user" or "admin"' },
  description: 'Make a user an admin, or an admin a user; at once',
})
export class SetRoleCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username, role]: string[], options: OutputOptions): Promise<void> {
    const newRole = parseRole(role);
    await withUser(this.drive, username, options, (users, user) => users.update(user, { role: newRole }));
  }
}

@SubCommand({
  name: 'disable',
  arguments: '<username>',
  argsDescription: USER,
  description: 'Shut a user out at once: every session ends, log-ins and links to their files are refused',
})
export class DisableUserCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], options: OutputOptions): Promise<void> {
    await withUser(this.drive, username, options, (users, user) => users.update(user, { disabled: true }));
  }
}

@SubCommand({
  name: 'enable',
  arguments: '<username>',
  argsDescription: USER,
  description: 'Let a disabled user in again',
})
export class EnableUserCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], options: OutputOptions): Promise<void> {
    await withUser(this.drive, username, options, (users, user) => users.update(user, { disabled: false }));
  }
}

@SubCommand({
  name: 'reset-password',
  arguments: '<username>',
  argsDescription: USER,
  description: 'Set a new password, which is asked for, and end every session of the user',
})
export class ResetPasswordCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], options: OutputOptions & { passwordStdin?: boolean }): Promise<void> {
    await withUser(this.drive, username, options, async (users, user) =>
      users.update(user, { password: await readNewPassword(options.passwordStdin === true) }),
    );
  }

  @Option({ flags: '--password-stdin', description: 'Read the password from the standard input' })
  passwordStdin(): true {
    return true;
  }
}
