import { Logger } from '@nestjs/common';
import type { Logger as StatementLogger } from 'typeorm';

/**
 * What TypeORM has to say, in the log of the server. Without the statements' parameters: they hold links and the hashes of
 * passwords. Failed statements are logged by whoever deals with the error.
 */
export class StatementLog implements StatementLogger {
  private readonly logger = new Logger('Database');

  logQuerySlow(milliseconds: number, sql: string): void {
    this.logger.warn({ event: 'statement-slow', milliseconds, sql });
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.logger.warn({ event: 'database-warning', message: String(message) });
  }

  logMigration(message: string): void {
    this.logger.warn({ event: 'migration', message });
  }

  logQuery(): void {}
  logQueryError(): void {}
  logSchemaBuild(): void {}
}
