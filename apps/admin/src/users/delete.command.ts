import { AdminUsersService } from '@app/accounts';
import { AccountRemoval } from '@app/integrity';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { counted } from '../terminal/counted.js';
import { confirm } from '../terminal/ask.js';
import { print, printJson } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

@SubCommand({
  name: 'delete',
  arguments: '<username>',
  argsDescription: { username: 'User name; asked for again on a terminal' },
  description:
    'Delete a user with all links, files and bytes, irreversibly. If it is interrupted, the user stays shut out: run it again to go on.',
})
export class DeleteUserCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], { json, yes }: OutputOptions & { yes?: boolean }): Promise<void> {
    const context = await this.drive.open();
    const user = await context.get(AdminUsersService).byName(username!);
    const question = `${user.username} has ${counted(user.usedFiles, 'file')}, which cannot be brought back. Type the user name: `;
    if (!yes) await confirm(question, user.username);
    const progress = new Progress();
    try {
      const files = await context.get(AccountRemoval).remove(user, progress.update);
      progress.clear();
      if (json) printJson({ id: user.id, username: user.username, deletedFiles: files });
      else print(`User ${user.username} deleted, with ${counted(files, 'file')}`);
    } finally {
      progress.clear();
    }
  }

  @Option({ flags: '--yes', description: 'Do not ask' })
  yes(): true {
    return true;
  }
}
