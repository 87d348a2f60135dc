import { AdminUsersService, ApiTokensService } from '@app/accounts';
import { parseId } from '@app/http';
import { Command, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { print, printJson, Table } from '../terminal/output.js';

const text = (time: number | null) => (time === null ? null : new Date(time).toISOString());

@SubCommand({
  name: 'list',
  arguments: '<username>',
  argsDescription: { username: 'User name' },
  description: "List a user's API tokens, the newest first; never the tokens themselves",
})
export class ListTokensCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], { json }: OutputOptions): Promise<void> {
    const context = await this.drive.open();
    const user = await context.get(AdminUsersService).byName(username!);
    const table = new Table(['id', 'name', 'scopes', 'last used', 'until']);
    for (const { id, name, scopes, ...times } of await context.get(ApiTokensService).list(user.id)) {
      const [createdAt, expiresAt] = [text(times.createdAt), text(times.expiresAt)];
      const lastUsedAt = text(times.lastUsedAt);
      if (json) printJson({ id, name, scopes: scopes.split(' '), createdAt, expiresAt, lastUsedAt });
      else table.add(id, name, scopes, lastUsedAt ?? 'never', expiresAt ?? 'for ever');
    }
    if (!json) table.end('No API tokens');
  }
}

@SubCommand({
  name: 'revoke',
  arguments: '<username> <id>',
  argsDescription: { username: 'User name', id: 'Of the token, as in the list' },
  description: 'Revoke an API token: it is dead at once',
})
export class RevokeTokenCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username, id]: string[], { json }: OutputOptions): Promise<void> {
    const tokenId = parseId(id!, 'tokenNotFound');
    const context = await this.drive.open();
    const user = await context.get(AdminUsersService).byName(username!);
    await context.get(ApiTokensService).revoke(user.id, tokenId);
    if (json) printJson({ id: tokenId, username: user.username });
    else print('Token revoked');
  }
}

export const TOKENS_COMMANDS = [ListTokensCommand, RevokeTokenCommand];

@Command({ name: 'tokens', description: 'API tokens of users', subCommands: TOKENS_COMMANDS })
export class TokensCommand extends CommandGroup {}
