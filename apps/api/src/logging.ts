import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService, LogLevel } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/** The request that the current code works for. */
export const requestContext = new AsyncLocalStorage<{ requestId: string }>();

/** Names under which secrets could reach a log line: they are cut out, wherever they stand. */
const SECRETS = ['authorization', 'password', 'currentPassword', 'newPassword', 'token', 'link', 'cookie'];

/** Loggers of Nest that tell of its own start, which is of interest only when it fails. */
const START_UP = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/** JSON, one line an event, each with the id of its request. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: undefined,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => requestContext.getStore() ?? {},
  });
}

/** Lets Nest, and the libraries' own loggers, write to the same place. An object becomes the fields of the line. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(START_UP.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  setLogLevels(_levels: LogLevel[]): void {
    // LOG_LEVEL decides.
  }

  /** Nest gives the logger's name last, and before it, for an error, the stack. */
  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const context = rest.at(-1);
    const stack = rest.length > 1 ? rest[0] : undefined;
    const fields = typeof message === 'object' ? message : { msg: String(message) };
    this.logger[level]({ ...fields, context, ...(stack === undefined ? {} : { stack }) });
  }
}
