import { Command } from 'nest-commander';
import { CommandGroup } from '../admin-command.js';
import { CreateUserCommand } from './create.command.js';
import { DeleteUserCommand } from './delete.command.js';
import { EditUserCommand } from './edit.command.js';
import { ListUsersCommand } from './list.command.js';
import {
  DisableUserCommand,
  EnableUserCommand,
  ResetPasswordCommand,
  SetLimitsCommand,
  SetRoleCommand,
  ShowUserCommand,
} from './existing-user.commands.js';

import { UnlockUserCommand } from './unlock.command.js';
import { EndSessionsCommand, ListSessionsCommand } from './sessions.commands.js';

export const USERS_COMMANDS = [
  CreateUserCommand,
  ListUsersCommand,
  ShowUserCommand,
  EditUserCommand,
  SetLimitsCommand,
  SetRoleCommand,
  DisableUserCommand,
  EnableUserCommand,
  ResetPasswordCommand,
  ListSessionsCommand,
  EndSessionsCommand,
  UnlockUserCommand,
  DeleteUserCommand,
];

@Command({ name: 'users', description: 'Accounts', subCommands: USERS_COMMANDS })
export class UsersCommand extends CommandGroup {}
