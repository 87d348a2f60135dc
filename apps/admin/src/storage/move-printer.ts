import { type MoveReport, StorageMove } from '@app/files';
import { AllDrivers } from '@app/storage';
import type { INestApplicationContext } from '@nestjs/common';
import { EXIT } from '../exit.js';
import { formatBytes } from '../terminal/bytes.js';
import { print, printJson, Table } from '../terminal/output.js';

/** How a move is told of. */
interface Told {
  readonly json: boolean;
  /** Names of the storages. */
  readonly from: string;
  readonly to: string;
}

/** Says what there is to move, and what has become of it. */
export class MovePrinter {
  constructor(
    private readonly context: INestApplicationContext,
    private readonly told: Told,
  ) {}

  async plan(): Promise<void> {
    const { json, from, to } = this.told;
    const [left, free] = await Promise.all([this.left(), this.current.free()]);
    if (json) return printJson({ type: 'plan', ...left, free });
    print(`${left.files} files (${formatBytes(left.bytes)}) are to be moved from ${from} to ${to}.`);
    if (free !== null) print(`There is room for ${formatBytes(free)}.`);
    this.sayRest(left);
  }

  async end({ moved, bytes, left: stayed }: MoveReport): Promise<void> {
    const { json, from, to } = this.told;
    const left = await this.left();
    const table = new Table(['file', 'where', 'why it stays']);
    for (const { fileId, key, problem } of stayed) {
      if (json) printJson({ type: 'left', fileId, key, problem });
      else table.add(fileId, key, problem);
    }
    if (left.files + left.unfinished > 0) process.exitCode = EXIT.findings;
    if (json) return printJson({ type: 'verdict', moved, bytes, left });
    table.flush();
    print(`${moved} files (${formatBytes(bytes)}) are moved from ${from} to ${to}.`);
    if (left.files > 0)
      print(`${left.files} files (${formatBytes(left.bytes)}) are still in ${from}, where they are served as before.`);
    this.sayRest(left);
    if (left.files + left.unfinished === 0)
      print(`No file is left in ${from}. Start the server without STORAGE_FORMER once "storage removals" is empty.`);
  }

  private sayRest({ unfinished, quarantined }: { readonly unfinished: number; readonly quarantined: number }): void {
    const { from } = this.told;
    if (unfinished > 0)
      print(`${unfinished} unfinished uploads go on in ${from}: run this again once they have ended ("uploads list").`);
    if (quarantined > 0) print(`${quarantined} in quarantine in ${from} stay there: see "storage restore".`);
  }

  private async left() {
    const [, former] = this.context.get(AllDrivers).all;
    let quarantined = 0;
    for await (const _ of former!.quarantine.list()) quarantined += 1;
    return { ...(await this.context.get(StorageMove).left()), quarantined };
  }

  private get current() {
    return this.context.get(AllDrivers).all[0]!.storage;
  }
}
