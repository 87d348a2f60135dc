import { showSettings } from '@app/config';
import { Command, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { printJson, printRecord } from '../terminal/output.js';

@SubCommand({ name: 'show', description: 'Show the settings as the server would take them, without secrets' })
export class ShowConfigCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const settings = showSettings(this.drive.config);
    if (json) printJson(settings);
    else printRecord(settings);
  }
}

export const CONFIG_COMMANDS = [ShowConfigCommand];

@Command({ name: 'config', description: 'Settings', subCommands: CONFIG_COMMANDS })
export class ConfigCommand extends CommandGroup {}
