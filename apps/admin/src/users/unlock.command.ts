import { setTimeout as delay } from 'node:timers/promises';
import { AdminUsersService } from '@app/accounts';
import { Servers } from '@app/leases';
import { Marks } from '@app/database';
import { networkOf } from '@app/http';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError } from '../exit.js';
import { SEEN_WITHIN_MS } from '../maintenance/maintenance.command.js';
import { print, printJson } from '../terminal/output.js';

const DAY_MS = 24 * 60 * 60 * 1000;

@SubCommand({
  name: 'unlock',
  arguments: '[username]',
  argsDescription: { username: 'Whose failed log-ins are forgotten, from wherever they came' },
  description: 'Let somebody log in again at once who is told "Too many requests" after wrong passwords',
})
export class UnlockUserCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run([username]: string[], { json, address }: OutputOptions & { address?: string }): Promise<void> {
    if (username === undefined && address === undefined)
      throw new AdminError('Say whose log-ins: a user name, --address, or both');
    if (address !== undefined && networkOf(address) === 'unknown') throw new AdminError('--address is no IP address');
    const context = await this.drive.open();
    const user = username === undefined ? undefined : await context.get(AdminUsersService).byName(username);
    const subjects = [user?.username, address && networkOf(address)].filter((subject) => subject !== undefined);
    const marks = context.get(Marks);
    for (const subject of subjects) await marks.write(`pardon:${subject}`, {});
    // Failures of before a pardon count again once it is gone.
    await marks.prune(Date.now() - Math.max(DAY_MS, this.drive.config.loginLimit.windowMs));
    // A server that starts later sees them before its first request.
    if (await context.get(Servers).isServed()) await delay(SEEN_WITHIN_MS);
    for (const subject of subjects) {
      if (json) printJson({ unlocked: subject });
      else print(`Failed log-ins of ${subject} are forgotten.`);
    }
  }

  @Option({
    flags: '--address <address>',
    description: 'Also those from an IP address (of IPv6 from its /64), for whatever names',
  })
  address(value: string): string {
    return value;
  }
}
