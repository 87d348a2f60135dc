import { AdminUsersService } from '@app/accounts';
import { parseTimeSpan } from '@app/config';
import { AdminLinksService, type LinkFilter } from '@app/sharing';
import { Command, Option, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions, parseCount } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError } from '../exit.js';
import { counted } from '../terminal/counted.js';
import { print, printJson, Table } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

interface LinksOptions extends OutputOptions {
  readonly user?: string;
  readonly file?: string;
  readonly olderThan?: string;
  readonly unusedFor?: string;
  readonly expired?: boolean;
}

const MAX_ID = 2_147_483_647;

/** What says which links. */
abstract class LinksOptionsCommand extends AdminCommand {
  protected abstract readonly drive: Drive;

  @Option({ flags: '--user <username>', description: 'To files of this user' })
  user(value: string): string {
    return value;
  }

  @Option({ flags: '--file <fileId>', description: 'To this file' })
  file(value: string): string {
    return value;
  }

  @Option({ flags: '--older-than <time>', description: 'Made longer ago than this, such as 90d' })
  olderThan(value: string): string {
    return value;
  }

  @Option({ flags: '--unused-for <time>', description: 'Neither made nor used for so long, such as 30d' })
  unusedFor(value: string): string {
    return value;
  }

  @Option({ flags: '--expired', description: 'Whose time is over' })
  expired(): true {
    return true;
  }

  protected async filter({ user, file, olderThan, unusedFor, expired }: LinksOptions): Promise<LinkFilter> {
    const now = Date.now();
    const filter = {
      fileId: file === undefined ? undefined : parseCount('--file', file, MAX_ID),
      createdBefore: before('--older-than', olderThan, now),
      unusedSince: before('--unused-for', unusedFor, now),
      expiredBy: expired ? now : undefined,
    };
    const context = await this.drive.open();
    const ownerId = user === undefined ? undefined : (await context.get(AdminUsersService).byName(user)).id;
    return { ...filter, ownerId };
  }
}

@SubCommand({ name: 'list', description: 'List links, the oldest first; never the links themselves' })
export class ListLinksCommand extends LinksOptionsCommand {
  constructor(protected readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], options: LinksOptions): Promise<void> {
    const filter = await this.filter(options);
    const table = new Table(['id', 'user', 'file', 'name', 'open', 'uses', 'made', 'last used', 'expires']);
    for await (const link of (await this.drive.open()).get(AdminLinksService).list(filter)) {
      const { id, fileId, fileName, username, name, uses } = link;
      const isPublic = link.public === 1;
      const times = [link.createdAt, link.lastUsedAt, link.expiresAt] as const;
      const [createdAt, lastUsedAt, expiresAt] = times.map((at) => at && new Date(Number(at)).toISOString());
      if (options.json)
        printJson({ id, fileId, fileName, username, name, public: isPublic, uses, createdAt, lastUsedAt, expiresAt });
      else
        table.add(
          id,
          username,
          fileName,
          name,
          isPublic ? 'yes' : 'no',
          uses,
          ...[createdAt, lastUsedAt, expiresAt].map((at) => at ?? ''),
        );
    }
    if (!options.json) table.end('No links');
  }
}

@SubCommand({
  name: 'revoke',
  description:
    'Delete links, irreversibly: they are dead at once. What is given must all hold of a link; without anything ' +
    'nothing is revoked.',
})
export class RevokeLinksCommand extends LinksOptionsCommand {
  constructor(protected readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], options: LinksOptions & { dryRun?: boolean }): Promise<void> {
    const filter = await this.filter(options);
    if (Object.values(filter).every((value) => value === undefined))
      throw new AdminError('Say which links: --user, --file, --older-than, --unused-for or --expired');
    const links = (await this.drive.open()).get(AdminLinksService);
    let revoked = 0;
    const progress = new Progress();
    if (options.dryRun) for await (const _ of links.list(filter)) revoked += 1;
    else for await (const count of links.revoke(filter)) progress.update('links revoked', (revoked += count));
    progress.clear();
    if (options.json) printJson({ revoked, dryRun: options.dryRun === true });
    else print(`${counted(revoked, 'link')} ${options.dryRun ? 'would be ' : ''}revoked.`);
  }

  @Option({ flags: '--dry-run', description: 'Only tell how many there are' })
  dryRun(): true {
    return true;
  }
}

function before(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const span = parseTimeSpan(text);
  if (!span) throw new AdminError(`${option} must be a time such as 12h or 90d`);
  return now - span;
}

export const LINKS_COMMANDS = [ListLinksCommand, RevokeLinksCommand];

@Command({ name: 'links', description: 'Links to files', subCommands: LINKS_COMMANDS })
export class LinksCommand extends CommandGroup {}
