import { CommandRunner, Option } from 'nest-commander';
import { AdminError } from './exit.js';

type Commander = Parameters<CommandRunner['setCommand']>[0];

export interface OutputOptions {
  readonly json?: boolean;
}

/** What all commands share: exact arguments, and `--json`. */
export abstract class AdminCommand extends CommandRunner {
  override setCommand(command: Commander): this {
    command.allowExcessArguments(false).showHelpAfterError('(--help says more)');
    return super.setCommand(command);
  }

  @Option({ flags: '--json', description: 'Print JSON, one object a line' })
  json(): true {
    return true;
  }
}

/** A command that only has commands below it. */
export abstract class CommandGroup extends CommandRunner {
  override setCommand(command: Commander): this {
    command.allowExcessArguments(true).showHelpAfterError('(--help lists the commands)');
    return super.setCommand(command);
  }

  override async run([unknown]: string[]): Promise<void> {
    if (unknown === undefined) this.command.help({ error: true });
    // Commander's own answer, which knows what may have been meant; its types do not show it.
    (this.command as unknown as { unknownCommand(): never }).unknownCommand();
  }
}

/** @throws AdminError for anything but a whole number from 0 to `max` */
export function parseCount(option: string, text: string, max: number): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(count <= max)) throw new AdminError(`${option} must be a whole number from 0 to ${max}`);
  return count;
}
