import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoggerService, LogLevel } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { LinesByTurn } from './lines-by-turn.js';
import { LogOutput } from './log-output.js';

/** The request that the current code works for. */
export const requestContext = new AsyncLocalStorage<{ requestId: string; request?: FastifyRequest }>();

/** Names, in lower case, under which secrets could reach a log line: they are cut out, wherever they stand. */
const SECRETS = new Set([
  ...['authorization', 'cookie', 'set-cookie', 'password', 'currentpassword', 'newpassword', 'passwordhash'],
  ...['secret', 'token', 'link', 'hash'],
]);
/** Nothing that we log is deeper; what is may go round in circles. */
const DEPTH = 8;

/** Loggers of Nest that tell of its own start, which is of interest only when it fails. */
const START_UP = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication']);

/** Standard output. */
export const output = new LogOutput();
const requestLines = new LinesByTurn(output);

const FORMAT = {
  base: undefined,
  formatters: { level: (label: string) => ({ level: label }) },
  timestamp: pino.stdTimeFunctions.isoTime,
};

/**
 * JSON, one line an event, each with the id of its request.
 * @param destination standard output, unless a test looks
 */
export function createLogger(level: string, destination: DestinationStream = output): Logger {
  const options: LoggerOptions = {
    ...FORMAT,
    level,
    formatters: { ...FORMAT.formatters, log: (fields) => (isPlain(fields) ? fields : cleaned(fields)) },
    // A copy: pino adds the fields of the line to it, and they would stand in the request's later lines too.
    mixin: () => {
      const { requestId } = requestContext.getStore() ?? {};
      return requestId === undefined ? {} : { requestId };
    },
  };
  return pino(options, destination);
}

/** One line a request, with fields of our own choice: looking for secrets in them would take longer than writing them. */
export function createRequestLogger(level: string): Logger {
  return pino({ ...FORMAT, level }, requestLines);
}

/** Fastify's own lines may carry the whole request and the whole reply, which nobody asked for. */
function cleaned({ req: _request, res: _reply, ...fields }: Record<string, unknown>): Record<string, unknown> {
  return withoutSecrets(fields) as typeof fields;
}

/** Whether nothing can be hidden in it, as in nearly every line. */
function isPlain(fields: Record<string, unknown>): boolean {
  for (const [name, value] of Object.entries(fields)) {
    if ((typeof value === 'object' && value !== null) || SECRETS.has(name.toLowerCase())) return false;
  }
  return true;
}

/** A copy in which no secret is left. Of an error only what it says and where it comes from: drivers put rows into theirs. */
function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH) return '[too deep]';
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((entry) => withoutSecrets(entry, depth + 1));
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    SECRETS.has(name.toLowerCase()) ? '[redacted]' : withoutSecrets(field, depth + 1),
  ]);
  return Object.fromEntries(fields);
}

/** Lets Nest, and the libraries' own loggers, write to the same place. An object becomes the fields of the line. */
export class PinoLoggerService implements LoggerService {
  /** @param told gets the fields of every line, whatever the level lets through, and gives what the line says beside them */
  constructor(
    private readonly logger: Logger,
    private readonly told: (fields: object) => object = () => ({}),
  ) {}

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
    const further = this.told(fields as object);
    // Not spread: what is added to a spread literal costs V8 of Node 20 ten times as much (docs/PERFORMANCE.md).
    this.logger[level](Object.assign({}, fields, further, { context }, stack === undefined ? undefined : { stack }));
  }
}
