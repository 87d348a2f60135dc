import { VERSION } from '@app/config';
import { Module } from '@nestjs/common';
import { CommandRunner, InjectCommander } from 'nest-commander';
import { CONFIG_COMMANDS, ConfigCommand } from './config/config.command.js';
import { DATABASE_COMMANDS, DatabaseCommand } from './database/database.command.js';
import { Drive } from './drive.js';
import { FILES_COMMANDS, FilesCommand } from './files/files.command.js';
import { RECEIPTS_COMMANDS, ReceiptsCommand } from './receipts/receipts.command.js';
import { STORAGE_COMMANDS, StorageCommand } from './storage/storage.command.js';
import { UPLOADS_COMMANDS, UploadsCommand } from './uploads/uploads.command.js';
import { TOKENS_COMMANDS, TokensCommand } from './tokens/tokens.command.js';
import { USERS_COMMANDS, UsersCommand } from './users/users.command.js';

const GROUPS = [
  ...[UsersCommand, TokensCommand, FilesCommand, UploadsCommand, ReceiptsCommand],
  ...[StorageCommand, DatabaseCommand, ConfigCommand],
];
const COMMANDS = [
  USERS_COMMANDS,
  TOKENS_COMMANDS,
  FILES_COMMANDS,
  UPLOADS_COMMANDS,
  RECEIPTS_COMMANDS,
  STORAGE_COMMANDS,
  DATABASE_COMMANDS,
  CONFIG_COMMANDS,
].flat();

/** The admin command line: one group of commands a folder. */
@Module({ providers: [Drive, ...GROUPS, ...COMMANDS] })
export class AdminModule {
  constructor(@InjectCommander() commander: CommanderRoot) {
    commander
      .name('npm run admin --')
      .description('Runs a DefDrive. Works beside the server, on the same DATA_DIR.')
      .version(VERSION);
  }
}

type CommanderRoot = Parameters<CommandRunner['setCommand']>[0];
