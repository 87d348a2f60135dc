import { AdminUsersService } from '@app/accounts';
import { QuarantineRestore } from '@app/integrity';
import { Quarantine } from '@app/storage';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError, describeError, EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { print, printJson, Table } from '../terminal/output.js';

interface RestoreOptions extends OutputOptions {
  readonly user?: string;
  readonly name?: string;
}

@SubCommand({
  name: 'restore',
  arguments: '[path...]',
  argsDescription: {
    path: 'Of the quarantine, as it is listed, such as <date>/<owner>/<name>; without one, what is there is listed',
  },
  description:
    'Bring bytes back from the quarantine as files of a user, within the rules of an upload. The server must be stopped.',
})
export class RestoreStorageCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(paths: string[], options: RestoreOptions): Promise<void> {
    if (paths.length === 0) return this.list(options);
    const { user, name, json } = options;
    if (user === undefined) throw new AdminError('--user says whose files they become');
    if (name !== undefined && paths.length > 1) throw new AdminError('--name goes with one path');
    const context = await this.drive.openAlone();
    const owner = await context.get(AdminUsersService).byName(user);
    await context.get(QuarantineRestore).recover();
    for (const path of paths) {
      try {
        const file = await context.get(QuarantineRestore).restore(path, owner, name);
        if (json) printJson({ path, id: file.id, location: file.storageKey, size: file.size, sha256: file.sha256 });
        else print(`${path} is file ${file.id} now: ${file.storageKey}`);
      } catch (error) {
        process.stderr.write(`error: ${path}: ${describeError(error)}\n`);
        process.exitCode = EXIT.failed;
      }
    }
  }

  @Option({ flags: '--user <username>', description: 'Whose files they become' })
  user(value: string): string {
    return value;
  }

  @Option({ flags: '--name <name>', description: 'What the file is to be called' })
  fileName(value: string): string {
    return value;
  }

  private async list({ json }: RestoreOptions): Promise<void> {
    const table = new Table(['path', 'size']);
    for await (const blob of (await this.drive.open()).get(Quarantine).list()) {
      if (json) printJson(blob);
      else table.add(blob.path, formatBytes(blob.size));
    }
    if (!json) table.end('Nothing is in quarantine');
  }
}
