import type { LoggerService } from '@nestjs/common';
import { userInfo } from 'node:os';
import type { AppConfig } from '@app/config';
import { AUDITED, AuditLog, recordOf } from '@app/telemetry';
import { printable } from './printable.js';

/** What the drive's services log, on the error output and in one line each: only what went wrong. */
export class AdminLogger implements LoggerService {
  private readonly audit: AuditLog | undefined;

  constructor({ audit, dataDir, auditKeepMs: keepMs }: AppConfig) {
    const onLost = (error: Error) => this.warn({ event: 'audit-not-written', error: error.message });
    this.audit = audit === 'on' ? new AuditLog({ dataDir, keepMs, onLost }) : undefined;
  }

  /** The command itself says what it did; what somebody would ask about later is written down. */
  log(message: unknown): void {
    const { event, ...fields } = (message ?? {}) as Record<string, unknown>;
    if (typeof event !== 'string' || !AUDITED.has(event)) return;
    this.audit?.note(recordOf(event, fields, { by: `system:${accountName()}`, via: 'command' }));
  }

  close(): void {
    this.audit?.close();
  }

  warn(message: unknown): void {
    process.stderr.write(`warning: ${text(message)}\n`);
  }

  error(message: unknown, ...rest: unknown[]): void {
    // Nest's own report of an error that is thrown on, and reported, anyway.
    if (rest.at(-1) !== 'ExceptionHandler') process.stderr.write(`error: ${text(message)}\n`);
  }

  fatal(message: unknown): void {
    this.error(message);
  }
}

/** Of the system's account; a container may run under one that has no name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function text(message: unknown): string {
  if (typeof message !== 'object' || message === null) return printable(String(message));
  const { event, ...fields } = message as Record<string, unknown>;
  const details = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
  return printable([event, ...details].join(', '));
}
