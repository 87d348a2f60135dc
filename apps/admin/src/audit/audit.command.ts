import { AuditNames } from '@app/integrity';
import { AUDITED, type AuditQuery, type AuditRecord, searchAudit } from '@app/telemetry';
import { Command, Option } from 'nest-commander';
import { AdminCommand, type OutputOptions, parseCount } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError } from '../exit.js';
import { printJson, Table } from '../terminal/output.js';
import { parseMoment } from './moment.js';

interface Options extends OutputOptions {
  readonly user?: string;
  readonly file?: number;
  readonly event?: readonly string[];
  readonly address?: string;
  readonly since?: number;
  readonly until?: number;
}

/** Fields that have a column of their own, or say nothing to people. */
const SHOWN = new Set(['at', 'event', 'result', 'by', 'via', 'address', 'requestId', 'userId', 'fileId', 'accessId']);

@Command({
  name: 'audit',
  description:
    'Search what happened: who did what, from where, to which file, and how it ended; the first event first. Events are kept by ' +
    'ids: a file or user that is gone has no name any more.',
})
export class AuditCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], options: Options): Promise<void> {
    const names = (await this.drive.open()).get(AuditNames);
    const table = new Table(['time', 'event', 'result', 'by', 'via', 'from', 'file', 'link', 'details']);
    for await (const record of searchAudit(this.drive.config.dataDir, await queryOf(options, names))) {
      const named = { user: await nameOf(record.by, names), file: await fileOf(record, names) };
      if (options.json) printJson({ ...record, ...named });
      else table.add(...cells(record, named));
    }
    if (!options.json) table.end('No such events');
  }

  @Option({ flags: '--user <username>', description: 'Done by this user, or about him; an id where he is gone' })
  user(value: string): string {
    return value;
  }

  @Option({ flags: '--file <fileId>', description: 'About this file, also where it is deleted' })
  file(value: string): number {
    return parseCount('--file', value, 2_147_483_647);
  }

  @Option({ flags: '--event <events...>', description: `Of these kinds: ${[...AUDITED.keys()].join(', ')}` })
  event(value: string, before: readonly string[] = []): readonly string[] {
    if (!AUDITED.has(value)) throw new AdminError(`--event must be one of ${[...AUDITED.keys()].join(', ')}`);
    return [...before, value];
  }

  @Option({ flags: '--address <address>', description: 'From this address, or network where no more is kept' })
  address(value: string): string {
    return value;
  }

  @Option({ flags: '--since <time>', description: 'Not before this: 2026-11-27, 2026-11-27T14:00, or 24h or 7d ago' })
  since(value: string): number {
    return parseMoment('--since', value);
  }

  @Option({ flags: '--until <time>', description: 'Not after this' })
  until(value: string): number {
    return parseMoment('--until', value);
  }
}

/** @throws AdminError where there is no such user, and it is no id either */
async function queryOf({ user, file, event, ...others }: Options, names: AuditNames): Promise<AuditQuery> {
  const query = { fileId: file, events: event, address: others.address, since: others.since, until: others.until };
  if (user === undefined) return query;
  const username = user.toLowerCase();
  const userId = (await names.userId(username)) ?? (/^[1-9]\d{0,9}$/.test(user) ? Number(user) : undefined);
  return { ...query, userId, username };
}

async function nameOf(by: number | string | undefined, names: AuditNames): Promise<string | undefined> {
  if (typeof by !== 'number') return by;
  return (await names.user(by)) ?? `user ${by}, gone`;
}

async function fileOf({ fileId }: AuditRecord, names: AuditNames): Promise<string | undefined> {
  if (fileId === undefined) return undefined;
  return (await names.file(fileId)) ?? 'gone';
}

function cells(record: AuditRecord, { user, file }: { user?: string | undefined; file?: string | undefined }) {
  const details = Object.entries(record).filter(([name]) => !SHOWN.has(name));
  const about = record.userId !== undefined && record.userId !== record.by ? [['userId', record.userId]] : [];
  return [
    ...[record.at, record.event, record.result, user ?? '', record.via ?? '', record.address ?? ''],
    ...[file === undefined ? '' : `${record.fileId} ${file}`, record.accessId ?? ''],
    [...about, ...details].map(([name, value]) => `${String(name)} ${String(value)}`).join(', '),
  ];
}
