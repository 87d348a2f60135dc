import { Marks } from '@app/database';
import { CheckTally, type Finding, FINDING_KINDS, StorageCheck, subjectOf } from '@app/integrity';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { EXIT } from '../exit.js';
import { counted } from '../terminal/counted.js';
import { print, printJson, Table } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';
import { checked } from './verdict.js';

@SubCommand({
  name: 'check',
  description:
    'Prove that records and bytes agree, in both directions, also while the server runs. ' +
    'Changes nothing. Exit code 0: clean, 2: damage was found, 1: the check failed.',
})
export class CheckStorageCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json, deep }: OutputOptions & { deep?: boolean }): Promise<void> {
    const context = await this.drive.open();
    const check = context.get(StorageCheck);
    const progress = new Progress();
    const tally = new CheckTally(progress.update);
    const table = new Table(['finding', 'where', 'what']);
    for await (const finding of check.findings({ deep }, tally)) {
      progress.clear();
      if (json) printJson({ type: 'finding', ...finding });
      else addFinding(table, finding);
    }
    progress.clear();
    table.flush();
    await remember(context.get(Marks), tally, deep === true);
    if (json) printJson({ type: 'verdict', clean: tally.findings === 0, deep: deep === true, ...checked(tally) });
    else printVerdict(tally, deep === true);
    if (tally.findings > 0) process.exitCode = EXIT.findings;
  }

  @Option({ flags: '--deep', description: 'Also read all bytes and compare their SHA-256' })
  deep(): true {
    return true;
  }
}

/** For `status`. A drive that cannot be written to, perhaps because it is damaged, has been checked all the same. */
async function remember(marks: Marks, { findings, files }: CheckTally, deep: boolean): Promise<void> {
  await marks.write('check', { clean: findings === 0, deep, findings, files }).catch(() => undefined);
}

function addFinding(table: Table, finding: Finding): void {
  table.add(finding.kind, subjectOf(finding), `${FINDING_KINDS[finding.kind].title}: ${finding.problem}`);
}

function printVerdict(tally: CheckTally, deep: boolean): void {
  const { files, blobs, accesses, users, receipts, removalsWaiting, uploadsUnfinished } = tally;
  const hashes = deep ? 'hashes compared' : 'hashes not compared (--deep does)';
  const records = `${counted(files, 'file')}, ${counted(blobs, 'blob')}, ${counted(accesses, 'access', 'accesses')}`;
  print(`${records}, ${counted(users, 'user')} and ${counted(receipts, 'receipt')} checked, ${hashes}.`);
  if (removalsWaiting > 0) print(`The bytes of ${counted(removalsWaiting, 'deleted file')} are about to be removed.`);
  if (uploadsUnfinished > 0) print(`${counted(uploadsUnfinished, 'upload')} unfinished, waiting for the client.`);
  print(tally.findings === 0 ? 'The drive is clean.' : `The drive is damaged: ${counted(tally.findings, 'finding')}.`);
}
