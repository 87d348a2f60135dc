import { Command, Option } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { AdminError } from '../exit.js';
import { printJson } from '../terminal/output.js';
import { SCRIPTS } from './scripts.js';
import { type CommandLike, placesOf } from './tree.js';

@Command({
  name: 'completion',
  arguments: '<shell>',
  argsDescription: { shell: 'bash, zsh or fish' },
  description: 'Print a script for a shell that completes commands and options; its first lines say where it belongs',
})
export class CompletionCommand extends AdminCommand {
  override async run(
    [shell]: string[],
    { json, program = 'defdrive' }: OutputOptions & { program?: string },
  ): Promise<void> {
    const script = Object.hasOwn(SCRIPTS, shell!) ? SCRIPTS[shell!] : undefined;
    if (!script) throw new AdminError(`There are scripts for ${Object.keys(SCRIPTS).join(', ')}, not for ${shell}`);
    if (!/^[\w.-]+$/.test(program)) throw new AdminError('--program is what the program is called as: a single word');
    const places = placesOf(this.command.parent as unknown as CommandLike);
    if (json) printJson({ shell, places });
    else process.stdout.write(script(program, places));
  }

  @Option({ flags: '--program <name>', description: 'What the program is called as (default: defdrive)' })
  program(value: string): string {
    return value;
  }
}
