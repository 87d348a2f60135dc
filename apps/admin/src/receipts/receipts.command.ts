import { AdminUsersService } from '@app/accounts';
import { RECEIPT_SECRET, replaceSecret } from '@app/data-directory';
import { ReceiptExport, ReceiptSigner } from '@app/files';
import { CheckTally, FINDING_KINDS, ReceiptsCheck, subjectOf } from '@app/integrity';
import { Command, Option, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError, EXIT } from '../exit.js';
import { counted } from '../terminal/counted.js';
import { print, printJson, Table } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

@SubCommand({
  name: 'verify',
  description:
    'Check the receipts of all deletes: each chain, their keys, and that no deleted file is there. Changes nothing. ' +
    'Exit code 0: all is well, 2: something is wrong. "storage check" does it as well.',
})
export class VerifyReceiptsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const check = (await this.drive.open()).get(ReceiptsCheck);
    const progress = new Progress();
    const tally = new CheckTally(progress.update);
    const table = new Table(['finding', 'where', 'what']);
    let findings = 0;
    for await (const finding of check.findings(tally)) {
      findings += 1;
      progress.clear();
      if (json) printJson({ type: 'finding', ...finding });
      else table.add(finding.kind, subjectOf(finding), `${FINDING_KINDS[finding.kind].title}: ${finding.problem}`);
    }
    progress.clear();
    table.flush();
    if (json) printJson({ type: 'verdict', clean: findings === 0, receipts: tally.receipts, findings });
    else
      print(
        `${counted(tally.receipts, 'receipt')} checked: ${findings === 0 ? 'all is well' : counted(findings, 'finding')}.`,
      );
    if (findings > 0) process.exitCode = EXIT.findings;
  }
}

@SubCommand({
  name: 'export',
  description:
    'Print the receipts of a user, the oldest first, then a signed head that says where they end, and the public keys: ' +
    'one JSON object a line, to be checked offline as docs/RECEIPTS.md shows.',
})
export class ExportReceiptsCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { user }: OutputOptions & { user: string }): Promise<void> {
    const context = await this.drive.open();
    const owner = await context.get(AdminUsersService).byName(user);
    for await (const part of context.get(ReceiptExport).of(owner)) printJson(part);
  }

  @Option({ flags: '--user <username>', description: 'Whose receipts', required: true })
  user(value: string): string {
    return value;
  }
}

@SubCommand({
  name: 'rotate-key',
  description:
    'Make a new key that signs receipts, for the server to use from its next start. The old private key is gone; its public ' +
    'half stays, so that what was signed with it can be checked.',
})
export class RotateReceiptKeyCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const { config } = this.drive;
    if (config.receiptKey !== undefined)
      throw new AdminError('The key is given by RECEIPT_KEY: give another one there, and start the server anew');
    const context = await this.drive.open();
    const signer = context.get(ReceiptSigner);
    // The public half of the old key stays, whether it was ever used or not.
    await signer.open();
    replaceSecret(config.dataDir, RECEIPT_SECRET);
    const { keyId } = await signer.open();
    if (json) printJson({ keyId });
    else print(`The key is ${keyId} now. The server signs with it from its next start.`);
  }
}

export const RECEIPTS_COMMANDS = [VerifyReceiptsCommand, ExportReceiptsCommand, RotateReceiptKeyCommand];

@Command({ name: 'receipts', description: 'What proves the deletes of the past', subCommands: RECEIPTS_COMMANDS })
export class ReceiptsCommand extends CommandGroup {}
