import { AdminUsersService, SessionsService } from '@app/accounts';
import { SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { print, printJson, Table } from '../terminal/output.js';

const USER = { username: 'User name' };
const text = (time: number) => new Date(time).toISOString();

@SubCommand({
  name: 'sessions',
  arguments: '<username>',
  argsDescription: USER,
  description: "List a user's sessions, the newest first",
})
export class ListSessionsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], { json }: OutputOptions): Promise<void> {
    const context = await this.drive.open();
    const { id } = await context.get(AdminUsersService).byName(username!);
    const table = new Table(['id', 'by', 'since', 'last seen', 'until', 'client']);
    for (const session of await context.get(SessionsService).list(id)) {
      const [createdAt, lastSeenAt] = [text(session.createdAt), text(session.lastSeenAt)];
      const [expiresAt, kind] = [text(session.expiresAt), session.secretHash === null ? 'token' : 'browser'];
      const { userAgent } = session;
      if (json) printJson({ id: session.id, kind, createdAt, lastSeenAt, expiresAt, userAgent });
      else table.add(session.id, kind, createdAt, lastSeenAt, expiresAt, userAgent);
    }
    if (!json) table.end('No sessions');
  }
}

@SubCommand({
  name: 'end-sessions',
  arguments: '<username>',
  argsDescription: USER,
  description: 'End every session of a user, at once. API tokens stay: see "tokens revoke".',
})
export class EndSessionsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], { json }: OutputOptions): Promise<void> {
    const context = await this.drive.open();
    const user = await context.get(AdminUsersService).byName(username!);
    const ended = await context.get(SessionsService).endAll(user.id);
    if (json) printJson({ username: user.username, endedSessions: ended });
    else print(ended === 0 ? 'No sessions' : `Sessions ended: ${ended}`);
  }
}
