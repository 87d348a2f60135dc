import { closeSync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { auditDirectory, dayOf, daysIn, fileOf } from './audit-files.js';
import type { AuditRecord } from './audit-record.js';

/** Bytes of a day after which events of strangers are no longer kept: whoever floods the drive must not fill its disk. */
const STRANGERS_END = 256 * 1024 * 1024;

/** What the log needs to know. */
export interface AuditSettings {
  readonly dataDir: string;
  /** Milliseconds for which events are kept, by whole days. */
  readonly keepMs: number;
  /** Told when events are lost, once until one is written again. */
  readonly onLost: (error: Error) => void;
}

/**
 * Writes events down. Those of one turn of the event loop are one write to a file that is open: no request waits for a
 * disk, and a process that is killed loses none that were told.
 */
export class AuditLog {
  private lines = '';
  private open: { day: string; fd: number; size: number } | undefined;
  private losing = false;
  private flushing = false;

  constructor(private readonly settings: AuditSettings) {
    process.on('exit', this.flush);
  }

  note(record: AuditRecord): void {
    if (record.by === undefined && (this.open?.size ?? 0) > STRANGERS_END) return;
    this.lines += `${JSON.stringify(record)}\n`;
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(this.flush);
  }

  /** Writes what is left, and closes the file. */
  close(): void {
    process.off('exit', this.flush);
    this.flush();
    if (this.open) closeSync(this.open.fd);
    this.open = undefined;
  }

  private readonly flush = (): void => {
    this.flushing = false;
    const { lines } = this;
    if (lines === '') return;
    this.lines = '';
    try {
      const file = this.today();
      // One write, so that a command that runs beside the server cannot come between.
      file.size += writeSync(file.fd, lines);
      this.losing = false;
    } catch (error) {
      if (!this.losing) this.settings.onLost(error as Error);
      this.losing = true;
    }
  };

  private today(): { readonly fd: number; size: number } {
    const day = dayOf(Date.now());
    if (this.open?.day === day) return this.open;
    if (this.open) closeSync(this.open.fd);
    this.open = undefined;
    const directory = auditDirectory(this.settings.dataDir);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.prune(directory);
    const fd = openSync(fileOf(directory, day), 'a', 0o600);
    this.open = { day, fd, size: fstatSync(fd).size };
    return this.open;
  }

  private prune(directory: string): void {
    const first = dayOf(Date.now() - this.settings.keepMs);
    for (const day of daysIn(directory)) if (day < first) rmSync(fileOf(directory, day), { force: true });
  }
}
