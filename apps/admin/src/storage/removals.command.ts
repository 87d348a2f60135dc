import { AdminFilesService } from '@app/files';
import { SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { EXIT } from '../exit.js';
import { printJson, Table } from '../terminal/output.js';

@SubCommand({
  name: 'removals',
  description: 'List deleted files whose bytes are still to be removed. Exit code 2 if an attempt has failed.',
})
export class ListRemovalsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const files = (await this.drive.open()).get(AdminFilesService);
    const table = new Table(['id', 'bytes at', 'failed attempts', 'next attempt', 'last error']);
    for await (const removal of files.removals()) {
      const { id, ownerId, storageKey: key, attempts, lastError } = removal;
      const [nextAttemptAt, createdAt] = [removal.nextAttemptAt, removal.createdAt].map((at) =>
        new Date(at).toISOString(),
      );
      if (json) printJson({ id, ownerId, key, attempts, nextAttemptAt, lastError, createdAt });
      else table.add(id, key, attempts, nextAttemptAt!, lastError ?? '');
      if (attempts > 0) process.exitCode = EXIT.findings;
    }
    if (!json) table.end('No removals wait');
  }
}
