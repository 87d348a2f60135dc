import { Command } from 'nest-commander';
import { CommandGroup } from '../admin-command.js';
import { CheckStorageCommand } from './check.command.js';
import { MoveStorageCommand } from './move.command.js';
import { ListRemovalsCommand } from './removals.command.js';
import { RepairStorageCommand } from './repair.command.js';
import { RestoreStorageCommand } from './restore.command.js';

export const STORAGE_COMMANDS = [
  CheckStorageCommand,
  RepairStorageCommand,
  RestoreStorageCommand,
  MoveStorageCommand,
  ListRemovalsCommand,
];

@Command({ name: 'storage', description: 'Records and bytes', subCommands: STORAGE_COMMANDS })
export class StorageCommand extends CommandGroup {}
