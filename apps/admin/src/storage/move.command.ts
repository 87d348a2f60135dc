import { setTimeout as delay } from 'node:timers/promises';
import { isNamed, nameOfStorage } from '@app/config';
import { Marks, type MoveMark } from '@app/database';
import { type MoveReport, StorageMove, StorageRegistry, UploadRollback } from '@app/files';
import { Servers } from '@app/leases';
import { Storages } from '@app/storage';
import type { INestApplicationContext } from '@nestjs/common';
import { Option, SubCommand } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { AdminError } from '../exit.js';
import { Progress } from '../terminal/progress.js';
import { MovePrinter } from './move-printer.js';

interface MoveOptions extends OutputOptions {
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly stop?: boolean;
}

const LOOK_EVERY_MS = 300;
/** Milliseconds within which a server that can move begins. */
const BEGINS_WITHIN_MS = 10_000;
const MIB = 1024 * 1024;

@SubCommand({
  name: 'move',
  description:
    'Move all bytes from the storage that STORAGE_FORMER names to the one that takes new files, from a disk to a bucket or back: file by file, each read ' +
    'back and compared by its SHA-256 before its record says that it is there. The server does it and goes on serving, and goes on with it after a restart; while none runs, ' +
    'this command does. Exit code 0: nothing is left, 2: something is, 1: it failed, and is to be run again.',
})
export class MoveStorageCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json, to, dryRun, stop }: MoveOptions): Promise<void> {
    const { storageFormer, storageUrl = 'disk' } = this.drive.config;
    if (!storageFormer) throw new AdminError(NOT_SET_UP);
    if (to === undefined || !isNamed(to, storageUrl))
      throw new AdminError(`--to must name where new files go, as a confirmation: --to ${nameOfStorage(storageUrl)}`);
    const context = await this.drive.open();
    const printer = new MovePrinter(context, { json: json === true, from: nameOfStorage(storageFormer), to });
    if (dryRun) return printer.plan();
    if (stop) return this.stop(context);
    const served = await context.get(Servers).isServed();
    const report = served ? await this.ask(context) : await this.moveAlone(context);
    await printer.end(report);
  }

  @Option({ flags: '--to <storage>', description: 'Where it goes: s3://host/bucket, or file: for the disk' })
  to(value: string): string {
    return value;
  }

  @Option({ flags: '--dry-run', description: 'Only tell what there is to move' })
  dryRun(): true {
    return true;
  }

  @Option({ flags: '--stop', description: 'End a move that a server makes, after the files that it is at' })
  stopIt(): true {
    return true;
  }

  private async moveAlone(context: INestApplicationContext): Promise<MoveReport> {
    await this.drive.openAlone();
    await context.get(StorageRegistry).attach();
    await context.get(UploadRollback).recover();
    const progress = new Progress();
    const goOn = async (report: MoveReport) => (show(progress, report), true);
    return context
      .get(StorageMove)
      .run({ goOn })
      .finally(() => progress.clear());
  }

  /** Has the server do it, and watches. Whoever ends this command does not end the move. */
  private async ask(context: INestApplicationContext): Promise<MoveReport> {
    const marks = context.get(Marks);
    const before = (await marks.read('move'))?.value;
    if (before?.state !== 'running') await marks.write('move', asked(context.get(Storages).current.id));
    const progress = new Progress();
    try {
      for (const began = Date.now(); ; await delay(LOOK_EVERY_MS)) {
        const mark = (await marks.read('move'))?.value;
        if (mark?.state === 'done' || mark?.state === 'stopped') return mark;
        if (mark?.state === 'failed') throw new AdminError(`${mark.error ?? 'It failed'}: ${told(mark)}. Run it again`);
        if (mark?.state === 'asked' && Date.now() - began > BEGINS_WITHIN_MS) throw new AdminError(NOBODY);
        if (!(await context.get(Servers).isServed())) throw new AdminError(GONE);
        if (mark) show(progress, mark);
      }
    } finally {
      progress.clear();
    }
  }

  private async stop(context: INestApplicationContext): Promise<void> {
    const marks = context.get(Marks);
    const mark = (await marks.read('move'))?.value;
    if (mark?.state !== 'running' && mark?.state !== 'asked') throw new AdminError('No server moves the drive');
    await marks.write('move', { ...mark, state: 'stopping' });
    while ((await marks.read('move'))?.value.state === 'stopping' && (await context.get(Servers).isServed()))
      await delay(LOOK_EVERY_MS);
  }
}

function asked(to: string): MoveMark {
  return { to, state: 'asked', moved: 0, bytes: 0, files: 0, total: 0, left: [] };
}

/** Bytes tell best how long it takes, but for a few small files. */
function show(progress: Progress, { moved, bytes, files, total, waits }: MoveReport): void {
  if (waits) progress.update(`files moved; it waits: ${waits}`, moved, files);
  else if (total > files * MIB) progress.update('MiB moved', Math.floor(bytes / MIB), Math.ceil(total / MIB));
  else progress.update('files moved', moved, files);
}

const told = ({ moved, files }: MoveMark) => `${moved} of ${files} files are moved`;

const NOT_SET_UP =
  'Start the server with STORAGE_URL as it is to be in the end (none for the disk), and with STORAGE_FORMER as it was before (file: for the disk). ' +
  'From then on new files go there, and all others are still served; then run this with the same settings. docs/MOVING.md';
const NOBODY = 'The server that runs does not begin: was it started with the same STORAGE_URL and STORAGE_FORMER?';
const GONE = 'The server has ended; the next one goes on with the move, or this command if it is run before';
