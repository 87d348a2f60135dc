import { Marks } from '@app/database';
import { type BackupResult, DriveBackup, type Retention } from '@app/integrity';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions, parseCount } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError, EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { counted } from '../terminal/counted.js';
import { print, printJson } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

const MOST = 10_000;

interface BackupOptions extends OutputOptions {
  readonly incremental?: boolean;
  readonly keep?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
}

@SubCommand({
  name: 'backup',
  arguments: '<directory>',
  argsDescription: {
    directory: 'Where to; it must be empty or not there, or with --incremental hold a series of backups',
  },
  description:
    'Copy database and bytes while the server runs (SQLite): a whole data directory, without sessions and secret. ' +
    'Exit code 2 if bytes were missing or damaged.',
})
export class BackupDatabaseCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([directory]: string[], options: BackupOptions): Promise<void> {
    const { databaseUrl, storageUrl, storageFormer } = this.drive.config;
    if (databaseUrl) throw new AdminError(OTHER_TOOL);
    if (storageUrl || storageFormer)
      throw new AdminError('This copies the bytes of a disk only; docs/S3.md says how to copy a bucket');
    const retention = retentionOf(options);
    const context = await this.drive.open();
    const backup = context.get(DriveBackup);
    const progress = new Progress();
    const making = options.incremental
      ? backup.makeNext(directory!, retention, progress.update)
      : backup.make(directory!, progress.update);
    const result = await making.finally(() => progress.clear());
    const { files, bytes, damaged } = result;
    await context.get(Marks).write('backup', { directory: result.directory, files, bytes, damaged: damaged.length });
    if (options.json) printJson(result);
    else printResult(result);
    if (damaged.length > 0) process.exitCode = EXIT.findings;
  }

  @Option({
    flags: '--incremental',
    description: 'Add a backup to a series: each is whole, and bytes that the last one has take no room again',
  })
  incremental(): true {
    return true;
  }

  @Option({ flags: '--keep <count>', description: 'Then remove all but so many of the series, the newest' })
  keep(value: string): string {
    return value;
  }

  @Option({ flags: '--keep-daily <count>', description: 'Keep the newest of each of so many days' })
  keepDaily(value: string): string {
    return value;
  }

  @Option({ flags: '--keep-weekly <count>', description: 'Keep the newest of each of so many weeks' })
  keepWeekly(value: string): string {
    return value;
  }

  @Option({ flags: '--keep-monthly <count>', description: 'Keep the newest of each of so many months' })
  keepMonthly(value: string): string {
    return value;
  }
}

function retentionOf({ incremental, keep, keepDaily, keepWeekly, keepMonthly }: BackupOptions): Retention {
  const count = (option: string, text: string | undefined) =>
    text === undefined ? undefined : parseCount(option, text, MOST);
  const retention = {
    last: count('--keep', keep),
    daily: count('--keep-daily', keepDaily),
    weekly: count('--keep-weekly', keepWeekly),
    monthly: count('--keep-monthly', keepMonthly),
  };
  if (!incremental && Object.values(retention).some((number) => number !== undefined))
    throw new AdminError('What is kept can only be said of a series: --incremental');
  return retention;
}

function printResult({ directory, files, bytes, linked, deletedMeanwhile, damaged, removed }: BackupResult): void {
  for (const key of damaged) print(`damaged  ${key}`);
  print(`${counted(files, 'file')} (${formatBytes(bytes)}) copied to ${directory}.`);
  if (linked > 0) print(`The bytes of ${linked} of them are those of the backup before.`);
  if (deletedMeanwhile > 0) print(`${counted(deletedMeanwhile, 'file')} deleted meanwhile and left out.`);
  for (const name of removed) print(`removed  ${name}`);
}

const OTHER_TOOL =
  'This copies SQLite only. For MariaDB and MySQL, first dump the database with "mariadb-dump --single-transaction" ' +
  '(or mysqldump), then copy DATA_DIR/uploads, for example with "rsync -a"; after a restore "storage check --deep" tells ' +
  'which files were deleted in between. "maintenance on" keeps everything as it is meanwhile. docs/OPERATING.md has the commands';
