import { AdminUploadsService } from '@app/files';
import { Command, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { describeError, EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { print, printJson, Table } from '../terminal/output.js';

@SubCommand({ name: 'list', description: 'List unfinished resumable uploads of all users' })
export class ListUploadsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const uploads = (await this.drive.open()).get(AdminUploadsService);
    const table = new Table(['id', 'user', 'name', 'here', 'of', 'expires']);
    for await (const { id, username, name, received: offset, length, expiresAt: at } of uploads.list()) {
      const expiresAt = new Date(at).toISOString();
      if (json) printJson({ id, username, name, offset, length, expiresAt });
      else table.add(id, username, name, formatBytes(offset), formatBytes(length), expiresAt);
    }
    if (!json) table.end('No unfinished uploads');
  }
}

@SubCommand({
  name: 'end',
  arguments: '<uploadId...>',
  argsDescription: { uploadId: 'Ids, as "uploads list" shows them' },
  description: 'End unfinished uploads. The server removes what they left, within seconds or when it starts.',
})
export class EndUploadsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(uploadIds: string[], { json }: OutputOptions): Promise<void> {
    const uploads = (await this.drive.open()).get(AdminUploadsService);
    for (const id of uploadIds) {
      try {
        await uploads.end(id);
        if (json) printJson({ id, ended: true });
        else print(`Upload ${id} ended`);
      } catch (error) {
        process.stderr.write(`error: upload ${id}: ${describeError(error)}\n`);
        process.exitCode = EXIT.failed;
      }
    }
  }
}

export const UPLOADS_COMMANDS = [ListUploadsCommand, EndUploadsCommand];

@Command({ name: 'uploads', description: 'Unfinished uploads', subCommands: UPLOADS_COMMANDS })
export class UploadsCommand extends CommandGroup {}
