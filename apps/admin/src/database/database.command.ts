import { migrateDatabase, readSchemaStatus, scrubDatabase } from '@app/database';
import { Command, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError, EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { print, printJson } from '../terminal/output.js';
import { BackupDatabaseCommand } from './backup.command.js';
import { RestoreDatabaseCommand } from './restore.command.js';

@SubCommand({
  name: 'migrate',
  description:
    'Bring the database up to date, as the server does when it starts. It must be stopped if there is anything to do.',
})
export class MigrateDatabaseCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const { pending } = await readSchemaStatus(this.drive.config);
    if (pending.length > 0) await this.drive.takeLease('A migration changes the database under a running server');
    const migrations = await migrateDatabase(this.drive.config);
    if (json) return printJson({ migrations });
    for (const name of migrations) print(`Carried out ${name}`);
    if (migrations.length === 0) print('The database is up to date.');
  }
}

@SubCommand({ name: 'status', description: 'Tell whether the database is up to date. Exit code 2 if it is not.' })
export class DatabaseStatusCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const status = await readSchemaStatus(this.drive.config);
    if (json) printJson({ engine: this.drive.config.databaseUrl ? 'mysql' : 'sqlite', ...status });
    else {
      for (const name of status.applied) print(`applied  ${name}`);
      for (const name of status.pending) print(`pending  ${name}`);
      if (status.unknown.length > 0) print('The database is newer than this program.');
      else if (status.pending.length === 0) print('The database is up to date.');
    }
    if (status.pending.length + status.unknown.length > 0) process.exitCode = EXIT.findings;
  }
}

@SubCommand({
  name: 'scrub',
  description:
    'Write the database anew, without what deleted files have left in unused parts of it (SQLite). The server must be ' +
    'stopped, and the disk must have room for a second copy. docs/DELETION.md says what else may hold deleted files.',
})
export class ScrubDatabaseCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const { databaseUrl, dataDir } = this.drive.config;
    if (databaseUrl)
      throw new AdminError('This scrubs SQLite only; docs/DELETION.md says what to do with MariaDB and MySQL');
    // Is there one at all? Nothing is made in a wrong place.
    await readSchemaStatus(this.drive.config);
    await this.drive.takeLease('This writes the database anew');
    const result = scrubDatabase(dataDir);
    if (json) printJson(result);
    else print(`The database is scrubbed: it had ${formatBytes(result.before)}, and has ${formatBytes(result.after)}.`);
  }
}

export const DATABASE_COMMANDS = [
  MigrateDatabaseCommand,
  DatabaseStatusCommand,
  BackupDatabaseCommand,
  RestoreDatabaseCommand,
  ScrubDatabaseCommand,
];

@Command({
  name: 'database',
  description: 'The database, and backups of the whole drive',
  subCommands: DATABASE_COMMANDS,
})
export class DatabaseCommand extends CommandGroup {}
