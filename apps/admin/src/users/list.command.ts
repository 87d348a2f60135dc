import { AdminUsersService, ManagedUserDto } from '@app/accounts';
import { SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { formatBytes } from '../terminal/bytes.js';
import { printJson, Table } from '../terminal/output.js';

const PAGE = 200;

@SubCommand({ name: 'list', description: 'List all users with their limits and usage' })
export class ListUsersCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const users = (await this.drive.open()).get(AdminUsersService);
    const table = new Table(['id', 'username', 'role', 'state', 'files', 'of', 'storage', 'of', 'email']);
    for (let after: number | null = 0; after !== null;) {
      const page = await users.page(after, PAGE);
      for (const user of page.users.map((user) => ManagedUserDto.of(user))) {
        if (json) printJson(user);
        else {
          const storage = [formatBytes(user.currentStorage), formatBytes(user.maxStorage)] as const;
          const state = user.disabled ? 'disabled' : 'active';
          const { id, username, role, currentFiles, maxFiles, email } = user;
          table.add(id, username, role, state, currentFiles, maxFiles, ...storage, email);
        }
      }
      after = page.next;
    }
    if (!json) table.end('No users');
  }
}
