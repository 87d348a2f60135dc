import { prepareDataDirectory } from '@app/data-directory';
import { backupIn, restoreDrive, type RestoreResult } from '@app/integrity';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError, EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { counted } from '../terminal/counted.js';
import { print, printJson } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

@SubCommand({
  name: 'restore',
  arguments: '<backup>',
  argsDescription: { backup: 'The directory of a backup, or of a series of them, of which the last is taken' },
  description:
    'Bring a drive back from a backup into DATA_DIR, by copies whose hashes are compared (SQLite). The server must be ' +
    'stopped. If it is interrupted, run it again. Exit code 2 if bytes of the backup were missing or damaged.',
})
export class RestoreDatabaseCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([backup]: string[], { json, replace }: OutputOptions & { replace?: boolean }): Promise<void> {
    const { config } = this.drive;
    if (config.databaseUrl)
      throw new AdminError(
        'This restores SQLite only. For MariaDB and MySQL, load the dump, put uploads back in DATA_DIR, and run "storage check --deep": docs/OPERATING.md has the commands',
      );
    if (config.storageUrl)
      throw new AdminError('This restores the bytes of a disk only; docs/S3.md says how to copy a bucket');
    // Before anything is made: a wrong path leaves no trace.
    await backupIn(backup!);
    prepareDataDirectory(config.dataDir);
    this.drive.requireOwner();
    await this.drive.takeLease('This puts a drive in its place');
    const progress = new Progress();
    const restoring = restoreDrive(config, backup!, replace === true, progress.update);
    const result = await restoring.finally(() => progress.clear());
    if (json) printJson(result);
    else tell(result);
    if (result.damaged.length > 0) process.exitCode = EXIT.findings;
  }

  @Option({ flags: '--replace', description: 'Move a drive that is there aside, within DATA_DIR' })
  replace(): true {
    return true;
  }
}

function tell({ damaged, files, bytes, from, replaced }: RestoreResult): void {
  for (const key of damaged) print(`damaged  ${key}`);
  print(`${counted(files, 'file')} (${formatBytes(bytes)}) restored from ${from}.`);
  if (replaced !== undefined) print(`What was there before is in ${replaced}: delete it when all is well.`);
  print('Everybody has to log in again. "storage check --deep" proves the drive.');
}
