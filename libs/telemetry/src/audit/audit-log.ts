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
 * Writes events down, each at once and with one write to a file that is open: it is in the kernel before anybody can be told
 * of what happened, so a process that is killed loses none that was. No request waits for a disk.
 */
export class AuditLog {
  private open: { day: string; fd: number; size: number } | undefined;
  private losing = false;

  constructor(private readonly settings: AuditSettings) {}

  note(record: AuditRecord): void {
    try {
      const file = this.fileOfDay(record.at.slice(0, 10));
      if (record.by === undefined && file.size > STRANGERS_END) return;
      // One write, so that a command that runs beside the server cannot come between.
      file.size += writeSync(file.fd, `${JSON.stringify(record)}\n`);
      this.losing = false;
    } catch (error) {
      if (!this.losing) this.settings.onLost(error as Error);
      this.losing = true;
    }
  }

  close(): void {
    if (this.open) closeSync(this.open.fd);
    this.open = undefined;
  }

  /** @param day of the event, which says it already: a clock that is read again would cost as much as the write */
  private fileOfDay(day: string): { readonly fd: number; size: number } {
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
