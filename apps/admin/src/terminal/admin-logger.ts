import type { LoggerService } from '@nestjs/common';
import { printable } from './printable.js';

/** What the drive's services log, on the error output and in one line each: only what went wrong. */
export class AdminLogger implements LoggerService {
  log(): void {
    // The command itself says what it did.
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

function text(message: unknown): string {
  if (typeof message !== 'object' || message === null) return printable(String(message));
  const { event, ...fields } = message as Record<string, unknown>;
  const details = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
  return printable([event, ...details].join(', '));
}
