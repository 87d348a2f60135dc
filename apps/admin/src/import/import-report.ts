import type { Brought } from '@app/integrity';
import { EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { counted } from '../terminal/counted.js';
import { print, printJson, Table } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

/** Tells of an import as it goes on: to programs every file, to people what was refused, and to both a sum. */
export class ImportReport {
  private readonly progress = new Progress();
  private readonly table: Table;
  private readonly counts = { imported: 0, there: 0, possible: 0, refused: 0 };
  private bytes = 0;

  constructor(
    private readonly json: boolean,
    private readonly dryRun: boolean,
    columns: readonly string[],
  ) {
    this.table = new Table(columns);
  }

  add(subject: Record<string, string | number>, brought: Brought): void {
    this.counts[brought.outcome] += 1;
    if (brought.outcome !== 'refused') this.bytes += brought.bytes;
    const done = Object.values(this.counts).reduce((sum, count) => sum + count, 0);
    if (this.json) printJson({ type: 'file', ...subject, ...brought });
    else if (brought.outcome === 'refused') this.table.add(...Object.values(subject), brought.detail);
    this.progress.update('files looked at', done);
  }

  /** @param more what else there is to tell programs */
  end(more: object = {}): void {
    this.progress.clear();
    const { imported, there, possible, refused } = this.counts;
    if (refused > 0) process.exitCode = EXIT.findings;
    if (this.json) return printJson({ type: 'sum', dryRun: this.dryRun, ...this.counts, bytes: this.bytes, ...more });
    this.table.flush();
    const done = this.dryRun ? `${counted(possible, 'file')} can be imported` : `${counted(imported, 'file')} imported`;
    print(`${done}, ${there} were there already, ${refused} are refused (${formatBytes(this.bytes)} in all).`);
  }
}
