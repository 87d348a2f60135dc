import { AccountsService, AdminUsersService } from '@app/accounts';
import { Option, SubCommand } from 'nest-commander';
import { Drive } from '../drive.js';
import { readNewPassword } from '../terminal/ask.js';
import { print } from '../terminal/output.js';
import { LimitsCommand, type LimitsOptions } from './limits-options.js';
import { parseRole } from './role.js';
import { printUser } from './user-view.js';

interface CreateOptions extends LimitsOptions {
  readonly username: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly passwordStdin?: boolean;
}

@SubCommand({
  name: 'create',
  description: 'Make an account, also where sign-up is closed. The password is asked for.',
})
export class CreateUserCommand extends LimitsCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], options: CreateOptions): Promise<void> {
    const limits = this.limits(options);
    const role = parseRole(options.role);
    const context = await this.drive.open();
    const password = await readNewPassword(options.passwordStdin === true);
    const { username, email, name } = options;
    await context.get(AccountsService).create({ username, email, name, password }, { role, ...limits });
    const user = await context.get(AdminUsersService).byName(username);
    if (!options.json) print('User created');
    printUser(user, options.json);
  }

  @Option({
    flags: '--username <username>',
    description: '3 to 32 letters, digits, dots, hyphens, underscores',
    required: true,
  })
  username(value: string): string {
    return value;
  }

  @Option({ flags: '--email <address>', description: 'E-mail address', required: true })
  email(value: string): string {
    return value;
  }

  @Option({ flags: '--name <name>', description: 'Full name', required: true })
  fullName(value: string): string {
    return value;
  }

  @Option({
    flags: '--role <role>',
    description: 'What the user may do',
    choices: ['user', 'admin'],
    defaultValue: 'user',
  })
  role(value: string): string {
    return value;
  }

  @Option({ flags: '--password-stdin', description: 'Read the password from the standard input' })
  passwordStdin(): true {
    return true;
  }
}
