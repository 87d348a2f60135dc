import { setTimeout as delay } from 'node:timers/promises';
import { Servers } from '@app/leases';
import { Marks } from '@app/database';
import { parseTimeSpan } from '@app/config';
import { DriveStatus } from '@app/integrity';
import { Command, Option, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError, EXIT } from '../exit.js';
import { counted } from '../terminal/counted.js';
import { print, printJson } from '../terminal/output.js';

/** Milliseconds within which every server has seen a mark. */
export const SEEN_WITHIN_MS = 1_500;
const LONGEST_REASON = 200;

interface OnOptions extends OutputOptions {
  readonly reason?: string;
  readonly retryAfter?: string;
}

@SubCommand({
  name: 'on',
  description:
    'Refuse writes, at once and until "maintenance off", also after a restart: they are answered 503 with Retry-After. ' +
    'Reads, downloads, links and log-ins go on. Uploads that have begun come to their end.',
})
export class MaintenanceOnCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json, reason = '', retryAfter = '2m' }: OnOptions): Promise<void> {
    if (reason.length > LONGEST_REASON) throw new AdminError(`--reason takes ${LONGEST_REASON} characters at most`);
    const span = parseTimeSpan(retryAfter);
    if (!span) throw new AdminError('--retry-after must be a time such as 90s, 5m or 1h');
    const context = await this.drive.open();
    await context.get(Marks).write('maintenance', { reason, retryAfterSeconds: Math.ceil(span / 1000) });
    const served = await context.get(Servers).isServed();
    if (served) await delay(SEEN_WITHIN_MS);
    const { uploadsUnderWay } = await context.get(DriveStatus).counts();
    if (json) return printJson({ maintenance: true, served, uploadsUnderWay });
    print(`Writes are refused${served ? '' : ' from the next start on'}, until "maintenance off".`);
    if (uploadsUnderWay > 0) print(`${counted(uploadsUnderWay, 'upload')} that had begun before still under way.`);
  }

  @Option({ flags: '--reason <text>', description: 'What clients are told' })
  reason(value: string): string {
    return value;
  }

  @Option({ flags: '--retry-after <time>', description: 'When clients may try again, such as 90s or 5m (default: 2m)' })
  retryAfter(value: string): string {
    return value;
  }
}

@SubCommand({ name: 'off', description: 'Take writes again, at once' })
export class MaintenanceOffCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const context = await this.drive.open();
    const was = await context.get(Marks).remove('maintenance');
    if (was && (await context.get(Servers).isServed())) await delay(SEEN_WITHIN_MS);
    if (json) printJson({ maintenance: false, was });
    else print(was ? 'Writes are taken again.' : 'There was no maintenance.');
  }
}

@SubCommand({ name: 'status', description: 'Tell whether writes are refused. Exit code 2 if they are.' })
export class MaintenanceStatusCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const mark = await (await this.drive.open()).get(Marks).read('maintenance');
    const since = mark && new Date(mark.changedAt).toISOString();
    if (mark) process.exitCode = EXIT.findings;
    if (json) return printJson({ maintenance: mark !== undefined, ...(mark && { since, ...mark.value }) });
    const why = mark?.value.reason ? `: ${mark.value.reason}` : '';
    print(mark ? `Writes are refused since ${since}${why}` : 'There is no maintenance.');
  }
}

export const MAINTENANCE_COMMANDS = [MaintenanceOnCommand, MaintenanceOffCommand, MaintenanceStatusCommand];

@Command({ name: 'maintenance', description: 'A time without writes', subCommands: MAINTENANCE_COMMANDS })
export class MaintenanceCommand extends CommandGroup {}
