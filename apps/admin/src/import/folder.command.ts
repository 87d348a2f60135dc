import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { FolderImport, type FolderPlan } from '@app/integrity';
import { Option, SubCommand } from 'nest-commander';
import { AdminError } from '../exit.js';
import { ImportReport } from './import-report.js';
import { ImportingCommand, type ImportOptions } from './importing-command.js';
import { readMap } from './map-file.js';

interface FolderOptions extends ImportOptions {
  readonly user?: string;
  readonly perUser?: boolean;
  readonly names?: string;
  readonly separator?: string;
}

@SubCommand({
  name: 'folder',
  arguments: '<directory>',
  argsDescription: { directory: 'What is in it is copied, never moved, linked or changed' },
  description:
    'Copy a tree of files into the drive, under the rules of an upload. What is there already with the same bytes is ' +
    'passed over, so run it again if it was interrupted. The server must be stopped. Exit code 2 if a file was refused.',
})
export class ImportFolderCommand extends ImportingCommand {
  override async run([directory]: string[], options: FolderOptions): Promise<void> {
    const plan = planOf(directory!, options);
    const context = await this.openFor(plan);
    const report = new ImportReport(options.json === true, plan.dryRun, ['path', 'user', 'name', 'why']);
    for await (const { path, user, name, ...brought } of context.get(FolderImport).run(plan))
      report.add({ path, user, name }, brought);
    report.end();
  }

  @Option({ flags: '--user <username>', description: 'Whose files they become' })
  user(value: string): string {
    return value;
  }

  @Option({ flags: '--per-user', description: 'Each folder at the top is called as its user' })
  perUser(): true {
    return true;
  }

  @Option({
    flags: '--names <how>',
    description: 'What files in folders are called: as their path, or as themselves',
    choices: ['path', 'base'],
    defaultValue: 'path',
  })
  names(value: string): string {
    return value;
  }

  @Option({ flags: '--separator <text>', description: 'Stands for the slashes of a path', defaultValue: ' - ' })
  separator(value: string): string {
    return value;
  }

  @Option({
    flags: '--map <file>',
    description: 'CSV of two columns: a path (or a folder at the top), and what it is to be called',
  })
  map(value: string): string {
    return value;
  }
}

function planOf(
  directory: string,
  { user, perUser, names, separator = ' - ', map, dryRun }: FolderOptions,
): FolderPlan {
  if ((user === undefined) === (perUser === undefined))
    throw new AdminError('Say whose files they become: --user <username>, or --per-user');
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new AdminError(`There is no directory ${directory}`);
  return {
    directory: resolve(directory),
    username: user,
    names: names === 'base' ? 'base' : 'path',
    separator,
    mapped: new Map(readMap(map, 2).map(([path, name]) => [path!, name!])),
    dryRun: dryRun === true,
  };
}
