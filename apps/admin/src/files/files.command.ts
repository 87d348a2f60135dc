import { AdminUsersService } from '@app/accounts';
import { AdminFilesService } from '@app/files';
import { parseId } from '@app/http';
import { Command, Option, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { describeError, EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { print, printJson, Table } from '../terminal/output.js';

@SubCommand({ name: 'list', description: 'List the files of a user' })
export class ListFilesCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json, user }: OutputOptions & { user: string }): Promise<void> {
    const context = await this.drive.open();
    const { id } = await context.get(AdminUsersService).byName(user);
    const table = new Table(['id', 'name', 'size', 'public', 'created']);
    for await (const file of context.get(AdminFilesService).list(id)) {
      const { name, size, sha256 } = file;
      const createdAt = new Date(file.createdAt).toISOString();
      if (json)
        printJson({ id: file.id, name, location: file.storageKey, size, sha256, public: file.public, createdAt });
      else table.add(file.id, name, formatBytes(size), file.public ? 'yes' : 'no', createdAt);
    }
    if (!json) table.end('No files');
  }

  @Option({ flags: '--user <username>', description: 'Whose files', required: true })
  user(value: string): string {
    return value;
  }
}

@SubCommand({
  name: 'delete',
  arguments: '<fileId...>',
  argsDescription: { fileId: 'Ids, as "files list" shows them' },
  description:
    'Delete files with their links, irreversibly. The server removes their bytes, at once or when it starts.',
})
export class DeleteFilesCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(fileIds: string[], { json }: OutputOptions): Promise<void> {
    const ids = fileIds.map((fileId) => parseId(fileId, 'invalidFileId'));
    const files = (await this.drive.open()).get(AdminFilesService);
    for (const id of ids) {
      try {
        const { storageKey } = await files.remove(id);
        if (json) printJson({ id, location: storageKey, deleted: true });
        else print(`File ${id} deleted: ${storageKey}`);
      } catch (error) {
        process.stderr.write(`error: file ${id}: ${describeError(error)}\n`);
        process.exitCode = EXIT.failed;
      }
    }
  }
}

export const FILES_COMMANDS = [ListFilesCommand, DeleteFilesCommand];

@Command({ name: 'files', description: 'Files of users', subCommands: FILES_COMMANDS })
export class FilesCommand extends CommandGroup {}
