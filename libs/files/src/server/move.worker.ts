import { type MoveMark, Marks } from '@app/database';
import { Servers } from '@app/leases';
import { Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { type MoveReport, StorageMove } from '../moving/storage-move.service.js';

/** Milliseconds between looks whether a move is asked for, and between tellings how far it is. */
const LOOK_EVERY_MS = 500;
const WAITING = new Set<MoveMark['state']>(['asked', 'running']);

/**
 * Moves the drive when an admin has asked for it, and goes on after a restart. What is asked, and how far it is, stands in the
 * database (docs/decisions/0223-what-an-admin-tells-a-running-server.md).
 */
@Injectable()
export class MoveWorker {
  private readonly logger = new Logger(MoveWorker.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private toldAt = 0;
  private goesOn = true;
  /** Whether another server goes on with it. */
  private isLost = false;

  constructor(
    private readonly marks: Marks,
    private readonly storages: Storages,
    private readonly servers: Servers,
    private readonly move: StorageMove,
  ) {}

  start(): void {
    if (!this.storages.former) return;
    this.timer = setInterval(
      () => (this.running ??= this.look().finally(() => (this.running = undefined))),
      LOOK_EVERY_MS,
    );
    this.timer.unref();
  }

  /** What is under way is undone: copying a large file may take longer than a stop. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.move.stop();
    await this.running;
  }

  private async look(): Promise<void> {
    try {
      const mark = await this.marks.read('move');
      if (!mark || mark.value.to !== this.storages.current.id) return;
      const { state } = mark.value;
      if (!(WAITING.has(state) || state === 'stopping') || !(await this.isOurs())) return;
      // Whoever was to stop has died over it.
      if (state === 'stopping') await this.write('stopped', mark.value);
      else await this.run();
    } catch (error) {
      this.logger.warn({ event: 'move-waits', error: String(error) });
    }
  }

  /** Of servers that share the drive one moves it, the one that is longest at work; once its lease is over, the next. */
  private async isOurs(): Promise<boolean> {
    const { areShared, isValid, own } = this.servers;
    if (!areShared) return true;
    return isValid && (await this.servers.list()).find(({ isAlive }) => isAlive)?.id === own;
  }

  private async run(): Promise<void> {
    this.goesOn = true;
    this.isLost = false;
    this.toldAt = 0;
    let last: MoveReport = { moved: 0, bytes: 0, files: 0, total: 0, left: [] };
    const goOn = async (report: MoveReport) => {
      last = report;
      return this.tell(report);
    };
    try {
      last = await this.move.run({ goOn });
      if (!this.stopped && !this.isLost) await this.write(this.goesOn ? 'done' : 'stopped', last);
    } catch (error) {
      this.logger.error({ event: 'move-failed', error: String(error) });
      if (!this.isLost) await this.write('failed', last, (error as Error).message);
    }
  }

  /** Now and then tells how far it is, and looks whether it is to end. During maintenance nothing is moved. */
  private async tell(report: MoveReport): Promise<boolean> {
    while (this.goesOn && !this.stopped) {
      if (Date.now() - this.toldAt < LOOK_EVERY_MS) return true;
      this.toldAt = Date.now();
      const marks = await this.marks.all();
      const isMaintained = marks.some(({ name }) => name === 'maintenance');
      const mark = marks.find(({ name }) => name === 'move')?.value as MoveMark | undefined;
      this.isLost = !(await this.isOurs());
      this.goesOn = !this.isLost && mark !== undefined && WAITING.has(mark.state);
      if (this.goesOn) await this.write('running', { ...report, ...(isMaintained && { waits: 'maintenance' }) });
      if (!isMaintained) break;
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
    return this.goesOn && !this.stopped;
  }

  private async write(state: MoveMark['state'], report: MoveReport, error?: string): Promise<void> {
    const { moved, bytes, files, total, left, waits } = report;
    await this.marks.write('move', {
      to: this.storages.current.id,
      state,
      error,
      waits,
      moved,
      bytes,
      files,
      total,
      left,
    });
  }
}
