import { CheckTally, FINDING_KINDS, type Repair, type RepairOutcome, StorageRepair, subjectOf } from '@app/integrity';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { EXIT } from '../exit.js';
import { counted } from '../terminal/counted.js';
import { print, printJson, Table } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';
import { checked } from './verdict.js';

type Counts = Record<RepairOutcome, number>;

const SAYS: Record<RepairOutcome, string> = {
  possible: 'would be',
  repaired: 'repaired:',
  failed: 'FAILED:',
  left: 'left as it is',
};

@SubCommand({
  name: 'repair',
  description:
    'Heal what is provable: usage counters, temporary files, dead uploads, failed removals, accesses without a file. ' +
    'Bytes that no record claims are moved to data/quarantine. Without --apply it only tells. Exit code 0: all is well, 2: something is left, 1: failed.',
})
export class RepairStorageCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json, apply }: OutputOptions & { apply?: boolean }): Promise<void> {
    const repair = (await (apply ? this.drive.openAlone() : this.drive.open())).get(StorageRepair);
    const progress = new Progress();
    const tally = new CheckTally(progress.update);
    const counts: Counts = { possible: 0, repaired: 0, failed: 0, left: 0 };
    const table = new Table(['outcome', 'finding', 'where', 'what']);
    for await (const one of apply ? repair.apply(tally) : repair.plan(tally)) {
      counts[one.outcome] += 1;
      progress.clear();
      if (json) printJson({ type: 'repair', outcome: one.outcome, detail: one.detail, ...one.finding });
      else addRepair(table, one);
    }
    progress.clear();
    table.flush();
    if (json) printJson({ type: 'verdict', applied: apply === true, ...counts, ...checked(tally) });
    else printVerdict(counts, apply === true);
    if (counts.failed > 0) process.exitCode = EXIT.failed;
    else if (counts.possible + counts.left > 0) process.exitCode = EXIT.findings;
  }

  @Option({ flags: '--apply', description: 'Do it. The server must be stopped.' })
  apply(): true {
    return true;
  }

  @Option({ flags: '--dry-run', description: 'Only tell what would be done (the default)' })
  dryRun(): true {
    return true;
  }
}

function addRepair(table: Table, { finding, outcome, detail }: Repair): void {
  const what = outcome === 'left' ? '' : ` ${FINDING_KINDS[finding.kind].repair}`;
  table.add(`${SAYS[outcome]}${what}`, finding.kind, subjectOf(finding), detail ?? finding.problem);
}

function printVerdict({ possible, repaired, failed, left }: Counts, applied: boolean): void {
  if (possible + repaired + failed + left === 0) return print('The drive is clean: there is nothing to repair.');
  if (!applied) print(`${counted(possible, 'finding')} can be repaired (--apply), ${left} cannot.`);
  else
    print(`${counted(repaired, 'finding')} repaired, ${counted(failed, 'repair')} failed, ${left} cannot be repaired.`);
}
