import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AncestorImport, type AncestorEntry, type AncestorPlan } from '@app/integrity';
import { parse } from 'csv-parse/sync';
import { Option, SubCommand } from 'nest-commander';
import { AdminError, EXIT, whyUnusable } from '../exit.js';
import { print, printJson, Table } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';
import { ImportingCommand, type ImportOptions } from './importing-command.js';
import { readMap } from './map-file.js';

interface DefdriveOptions extends ImportOptions {
  readonly uploads?: string;
}

type Row = Record<string, string>;

const PLURALS = { user: 'users', file: 'files', access: 'links' } as const;
const OUTCOMES = ['imported', 'possible', 'there', 'refused'] as const;

@SubCommand({
  name: 'defdrive',
  arguments: '<directory>',
  argsDescription: { directory: 'With users.csv, files.csv and accesses.csv, each with a header, and uploads/' },
  description:
    "Bring in an installation of DefDrive's ancestor (Go, PostgreSQL): users with their passwords, files, links with their " +
    'addresses, limits. Run it again if it was interrupted. The server must be stopped. Exit code 2 if anything was refused.',
})
export class ImportDefdriveCommand extends ImportingCommand {
  override async run([directory]: string[], options: DefdriveOptions): Promise<void> {
    const plan = planOf(resolve(directory!), options);
    const context = await this.openFor(plan);
    const progress = new Progress();
    const table = new Table(['outcome', 'kind', 'id there', 'what', 'why']);
    const counts = new Map<string, number>();
    let done = 0;
    for await (const entry of context.get(AncestorImport).run(plan)) {
      const key = `${entry.outcome} ${entry.kind}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (options.json) printJson({ type: 'entry', ...entry });
      else if (entry.notes.length > 0) addEntry(table, entry);
      progress.update('records looked at', (done += 1), totalOf(plan));
    }
    progress.clear();
    table.flush();
    if (options.json) printJson({ type: 'sum', dryRun: plan.dryRun, ...Object.fromEntries(counts) });
    else printSum(counts);
    if ([...counts.keys()].some((key) => key.startsWith('refused'))) process.exitCode = EXIT.findings;
  }

  @Option({ flags: '--uploads <directory>', description: 'Where its bytes are (default: uploads in the directory)' })
  uploads(value: string): string {
    return value;
  }

  @Option({
    flags: '--map <file>',
    description:
      'CSV of three columns for what does not fit: "user,<name there>,<name here>", "email,<name there>,<address>" or "file,<id there>,<name here>"',
  })
  map(value: string): string {
    return value;
  }
}

function planOf(
  directory: string,
  { uploads = join(directory, 'uploads'), map, dryRun }: DefdriveOptions,
): AncestorPlan {
  if (!statSync(uploads, { throwIfNoEntry: false })?.isDirectory())
    throw new AdminError(`There is no directory ${uploads}: --uploads says where the bytes are`);
  const [users, files, accesses] = ['users', 'files', 'accesses'].map((table) =>
    readTable(join(directory, `${table}.csv`)),
  );
  const rows = readMap(map, 3);
  const strange = rows.find(([kind]) => !['user', 'email', 'file'].includes(kind!));
  if (strange) throw new AdminError(`--map says user, email or file, and not ${strange[0]}`);
  const mapOf = (kind: string) => new Map(rows.filter((row) => row[0] === kind).map(([, from, to]) => [from!, to!]));
  const mapped = { users: mapOf('user'), emails: mapOf('email'), files: mapOf('file') };
  return {
    tables: { users: users!, files: files!, accesses: accesses! },
    uploads: resolve(uploads),
    map: mapped,
    dryRun: dryRun === true,
  };
}

function readTable(path: string): Row[] {
  try {
    return parse(readFileSync(path), {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.toLowerCase()),
    });
  } catch (error) {
    throw new AdminError(`${path} cannot be read: ${whyUnusable(error)}`);
  }
}

function totalOf({ tables: { users, files, accesses } }: AncestorPlan): number {
  return users.length + files.length + accesses.length;
}

function addEntry(table: Table, { outcome, kind, id, what, notes }: AncestorEntry): void {
  table.add(outcome, kind, id, what, notes.join('; '));
}

function printSum(counts: ReadonlyMap<string, number>): void {
  for (const [kind, plural] of Object.entries(PLURALS)) {
    const parts = OUTCOMES.map((outcome) => [counts.get(`${outcome} ${kind}`) ?? 0, outcome] as const);
    const said = parts.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcome}`);
    print(`${plural}: ${said.join(', ') || 'none'}`);
  }
}
