import { setTimeout as delay } from 'node:timers/promises';
import { ServerLease } from '@app/data-directory';
import { type MoveMark, UnitOfWork } from '@app/database';
import { Servers } from '@app/leases';
import { StorageFullError, Storages, StorageUnusableError } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RemovalsService } from '../removals/removals.service.js';
import { CopiesUnderWay } from './copies-under-way.js';
import { FileMove } from './file-move.js';
import { filesToMove, type FileToMove, intentsIn, leftIn, removeAgain, takeIntent } from './move-rows.js';

/** Files moved side by side: a small one is a few ways to the store and back. */
const AT_ONCE = 4;
/** Files that are named of those that stay. */
const NAMED = 1_000;
/** Milliseconds between tries while a storage cannot be reached, and how many there are. */
const PAUSES_MS = [1_000, 5_000, 15_000, 30_000, 60_000, 60_000, 60_000];

/** How far a move is. */
export type MoveReport = Pick<MoveMark, 'moved' | 'bytes' | 'files' | 'total' | 'left' | 'waits'>;

/** How a move is watched and ended. */
export interface MoveControl {
  /** Asked before each file, with how far it is. @returns whether to go on */
  goOn(report: MoveReport): Promise<boolean>;
}

interface Run {
  moved: number;
  bytes: number;
  files: number;
  total: number;
  left: MoveReport['left'][number][];
  /** Files that cannot be moved. */
  readonly tried: Set<number>;
  waits?: string | undefined;
  over: boolean;
}

/** Moves what is in the former storage to the current one, file by file, while everything is in use. */
@Injectable()
export class StorageMove {
  private readonly logger = new Logger(StorageMove.name);

  constructor(
    private readonly lease: ServerLease,
    private readonly servers: Servers,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
    private readonly files: FileMove,
    private readonly removals: RemovalsService,
    private readonly underWay: CopiesUnderWay,
  ) {}

  /** What is there to be moved. @throws Error where there is no former storage */
  left(): ReturnType<typeof leftIn> {
    return leftIn(this.dataSource, this.former);
  }

  /**
   * Moves all there is, for whoever holds the lease, one at a time. Killed at any point, it is run again.
   * @throws StorageFullError, StorageUnusableError when the rest cannot be moved now; what is moved is moved
   */
  async run(control: MoveControl): Promise<MoveReport> {
    this.lease.assertHeld();
    await this.recover();
    const { files, bytes } = await this.left();
    const run: Run = { moved: 0, bytes: 0, files, total: bytes, left: [], tried: new Set(), over: false };
    // Once more for what became a file meanwhile, or was in other hands.
    for (let before = -1; !run.over && run.moved > before;) {
      before = run.moved;
      const queue = filesToMove(this.dataSource, this.former, this.storages.current.id);
      const lanes = Array.from({ length: AT_ONCE }, () => this.lane(queue, run, control));
      const ended = await Promise.allSettled(lanes);
      await this.removals.settled();
      for (const lane of ended) if (lane.status === 'rejected') throw lane.reason;
    }
    this.logger.log({ event: 'storage-moved', files: run.moved, bytes: run.bytes, left: run.left.length });
    return run;
  }

  /** Ends what is under way: nothing of it is moved, and nothing of it is left. */
  stop(): Promise<void> {
    return this.underWay.stopAll();
  }

  private async lane(queue: AsyncGenerator<FileToMove>, run: Run, control: MoveControl): Promise<void> {
    try {
      while (!run.over) {
        const { value: file } = await queue.next();
        if (!file) return;
        if (run.tried.has(file.id)) continue;
        if (await control.goOn(run)) await this.take(file, run);
        else run.over = true;
      }
    } catch (error) {
      run.over = true;
      throw error;
    }
  }

  private async take(file: FileToMove, run: Run): Promise<void> {
    try {
      if (!(await this.patiently(file, run))) return;
      run.moved += 1;
      run.bytes += file.size;
    } catch (error) {
      if (error instanceof StorageFullError || error instanceof StorageUnusableError) throw error;
      // What is wrong with the bytes of a file that is gone by now is nothing wrong.
      if (!(await this.isThere(file))) return;
      const problem = describe(error);
      run.tried.add(file.id);
      this.logger.error({ event: 'file-not-moved', fileId: file.id, error: problem });
      if (run.left.length < NAMED) run.left.push({ fileId: file.id, key: file.storageKey, problem });
    }
  }

  /** A store may be away for a while. */
  private async patiently(file: FileToMove, run: Run): Promise<boolean> {
    for (const pause of PAUSES_MS) {
      try {
        return await this.files.move(file);
      } catch (error) {
        if (!(error instanceof StorageUnusableError) || run.over) throw error;
        run.waits = error.message;
        // A stop waits for nobody's store.
        await delay(pause, undefined, { signal: this.underWay.stopped }).catch(() => undefined);
      } finally {
        if (run.waits && !run.over) run.waits = undefined;
      }
      if (this.underWay.stopped.aborted) return false;
    }
    return this.files.move(file);
  }

  /** Undoes copies that were not finished: of an earlier process, or of a server that is dead, whose last requests may still arrive. */
  private async recover(): Promise<void> {
    const storage = this.storages.current;
    const { areShared, lateMs } = this.servers;
    for (const intent of await intentsIn(this.dataSource, this.former, storage.id)) {
      if (!(await takeIntent(this.units, intent, Date.now() + lateMs))) continue;
      await storage.exclusively(intent.storageKey, () => storage.rollBackUpload(intent.fileId!, intent.storageKey));
      if (areShared) await removeAgain(this.units, intent, Date.now() + lateMs);
      else await this.removals.freeKey(intent);
    }
  }

  private async isThere({ id, storageKey }: FileToMove): Promise<boolean> {
    const sql = "SELECT id FROM files WHERE id = ? AND storageKey = ? AND state = 'live'";
    return (await this.dataSource.query<unknown[]>(sql, [id, storageKey])).length > 0;
  }

  private get former(): string {
    if (!this.storages.former) throw new Error('There is no former storage');
    return this.storages.former.id;
  }
}

/** Without the path, which stands beside it. */
function describe(error: unknown): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code ? `${code} at ${syscall ?? 'unknown'}` : message;
}
