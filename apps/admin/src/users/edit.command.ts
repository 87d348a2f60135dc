import { AdminUsersService } from '@app/accounts';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError } from '../exit.js';
import { printUser } from './user-view.js';

interface EditOptions extends OutputOptions {
  readonly name?: string;
  readonly email?: string;
}

@SubCommand({
  name: 'edit',
  arguments: '<username>',
  argsDescription: { username: 'User name' },
  description: "Change a user's name or e-mail address",
})
export class EditUserCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], { name, email, json }: EditOptions): Promise<void> {
    if (name === undefined && email === undefined) throw new AdminError('Give --name, --email or both');
    const users = (await this.drive.open()).get(AdminUsersService);
    const changes = { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
    printUser(await users.update(await users.byName(username!), changes), json);
  }

  @Option({ flags: '--name <name>', description: 'Full name' })
  fullName(value: string): string {
    return value;
  }

  @Option({ flags: '--email <address>', description: 'E-mail address' })
  email(value: string): string {
    return value;
  }
}
