import { Command } from 'nest-commander';
import { CommandGroup } from '../admin-command.js';
import { ImportDefdriveCommand } from './defdrive.command.js';
import { ImportFolderCommand } from './folder.command.js';

export const IMPORT_COMMANDS = [ImportFolderCommand, ImportDefdriveCommand];

@Command({ name: 'import', description: 'Files and accounts of elsewhere', subCommands: IMPORT_COMMANDS })
export class ImportCommand extends CommandGroup {}
