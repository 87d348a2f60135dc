import { VERSION } from '@app/config';
import { Module } from '@nestjs/common';
import { CompletionCommand } from './completion/completion.command.js';
import { CommandRunner, InjectCommander } from 'nest-commander';
import { AuditCommand } from './audit/audit.command.js';
import { CONFIG_COMMANDS, ConfigCommand } from './config/config.command.js';
import { DATABASE_COMMANDS, DatabaseCommand } from './database/database.command.js';
import { Drive } from './drive.js';
import { FILES_COMMANDS, FilesCommand } from './files/files.command.js';
import { IMPORT_COMMANDS, ImportCommand } from './import/import.command.js';
import { LINKS_COMMANDS, LinksCommand } from './links/links.command.js';
import { MAINTENANCE_COMMANDS, MaintenanceCommand } from './maintenance/maintenance.command.js';
import { RECEIPTS_COMMANDS, ReceiptsCommand } from './receipts/receipts.command.js';
import { StatusCommand } from './status/status.command.js';
import { STORAGE_COMMANDS, StorageCommand } from './storage/storage.command.js';
import { UPLOADS_COMMANDS, UploadsCommand } from './uploads/uploads.command.js';
import { TOKENS_COMMANDS, TokensCommand } from './tokens/tokens.command.js';
import { USERS_COMMANDS, UsersCommand } from './users/users.command.js';

const GROUPS = [
  ...[StatusCommand, CompletionCommand],
  ...[UsersCommand, TokensCommand, FilesCommand, UploadsCommand, LinksCommand, ReceiptsCommand],
  ...[StorageCommand, DatabaseCommand, ImportCommand, MaintenanceCommand, ConfigCommand],
];
const COMMANDS = [
  USERS_COMMANDS,
  TOKENS_COMMANDS,
  FILES_COMMANDS,
  UPLOADS_COMMANDS,
  LINKS_COMMANDS,
  RECEIPTS_COMMANDS,
  STORAGE_COMMANDS,
  DATABASE_COMMANDS,
  IMPORT_COMMANDS,
  MAINTENANCE_COMMANDS,
  CONFIG_COMMANDS,
].flat();

/** The admin command line: one group of commands a folder. */
@Module({ providers: [Drive, AuditCommand, ...GROUPS, ...COMMANDS] })
export class AdminModule {
  constructor(@InjectCommander() commander: CommanderRoot) {
    commander
      .name('npm run admin --')
      .description('Runs a DefDrive. Works beside the server, on the same DATA_DIR.')
      .version(VERSION);
  }
}

type CommanderRoot = Parameters<CommandRunner['setCommand']>[0];
