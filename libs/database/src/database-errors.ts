/** The database cannot be reached or is busy beyond patience. Nothing was changed; the caller may try again. */
export class DatabaseUnavailableError extends Error {
  override readonly name: string = 'DatabaseUnavailableError';
}

/**
 * The connection broke during COMMIT, and the database could not be asked afterwards: the changes are there wholly or not
 * at all, and nobody knows which. Nothing outside the database may be done or undone on account of them.
 */
export class CommitOutcomeUnknownError extends DatabaseUnavailableError {
  override readonly name = 'CommitOutcomeUnknownError';
}

/** The disk under the database is full. Nothing was changed. */
export class DatabaseFullError extends Error {
  override readonly name = 'DatabaseFullError';
}

interface DriverError {
  code?: string;
  errno?: number;
  message?: string;
  /** Of mysql2: the connection is lost with this error. */
  fatal?: boolean;
  driverError?: DriverError;
}

/** Codes of a server that is there but refuses: too many connections, shutting down, a cluster node without its cluster. */
const REFUSALS = new Set<string | number>([
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
  'ER_UNKNOWN_COM_ERROR',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_READ_ONLY_MODE',
]);

/** Codes after which the connection is of no more use, or the statement was ended by somebody else. */
const BREAKS = new Set<string | number>([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  // MariaDB's own, which mysql2 has no names for: connection killed, max_statement_time exceeded
  1927,
  1969,
]);

/** mysql2 and TypeORM give these no code. The statement was never sent. */
const UNSENT = /in closed state|Pool is closed|Connection is not established/;

/** Of an operating system, such as `ECONNRESET`; a server's codes begin with `ER_`. */
const SOCKET_CODE = /^E(?!R_)[A-Z_]+$/;

const DEADLOCKS = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);
const FULL = new Set(['SQLITE_FULL', 'ER_DISK_FULL', 'ER_RECORD_FILE_FULL']);

/** The error of the driver itself, which TypeORM wraps. */
export function driverErrorOf(error: unknown): DriverError {
  const wrapped = (error ?? {}) as DriverError;
  return wrapped.driverError ?? wrapped;
}

/** Whether a write met another row's unique key. */
export function isUniqueViolation(error: unknown): boolean {
  const { code = '' } = driverErrorOf(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'ER_DUP_ENTRY';
}

/** Whether a row was to refer to one that is not there (any more). */
export function isForeignKeyViolation(error: unknown): boolean {
  const { code = '' } = driverErrorOf(error);
  return code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || code === 'ER_NO_REFERENCED_ROW_2';
}

export function isBusy(error: unknown): boolean {
  return (driverErrorOf(error).code ?? '').startsWith('SQLITE_BUSY');
}

/** Whether the disk itself failed under SQLite, so that the outcome of a COMMIT is unknown. */
export function isInputOutputError(error: unknown): boolean {
  return (driverErrorOf(error).code ?? '').startsWith('SQLITE_IOERR');
}

/** Whether MariaDB or MySQL chose this transaction to give way to another one: the whole of it may be run again. */
export function isDeadlock(error: unknown): boolean {
  return DEADLOCKS.has(driverErrorOf(error).code ?? '');
}

/** Whether the connection to MariaDB or MySQL is lost or the server refuses to work. */
export function isConnectionFault(error: unknown): boolean {
  const { code = '', message = '' } = driverErrorOf(error);
  return REFUSALS.has(code) || isBreak(error) || UNSENT.test(message);
}

/** A socket's codes count only with mysql2's mark: sockets of other things know them too. */
function isBreak(error: unknown): boolean {
  const { code = '', errno = 0, fatal } = driverErrorOf(error);
  return BREAKS.has(code) || BREAKS.has(errno) || (SOCKET_CODE.test(code) && fatal === true);
}

/** Whether this error of a COMMIT leaves open what became of it: the COMMIT was sent, its answer did not come. */
export function leavesCommitOpen(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_ERROR_DURING_COMMIT' || isBreak(error);
}

/** Turns the faults of a driver that a caller can act on into this library's own errors; hands on anything else. */
export function translateDatabaseError(error: unknown): unknown {
  if (FULL.has(driverErrorOf(error).code ?? ''))
    return new DatabaseFullError('The disk under the database is full', { cause: error });
  if (isBusy(error) || isDeadlock(error)) return new DatabaseUnavailableError('The database is busy', { cause: error });
  if (isConnectionFault(error)) return new DatabaseUnavailableError('The database is away', { cause: error });
  return error;
}

/** Whether the database cannot be reached, or refuses to work, as long as it is away: the same may go well later. */
export function isDatabaseAway(error: unknown): boolean {
  return translateDatabaseError(error) instanceof DatabaseUnavailableError;
}

/**
 * Whether the engine, not the statement, is at fault: busy, full, away, a deadlock. The unit of work deals with those,
 * so a caller that gives errors a meaning of its own must hand them on as they are.
 */
export function isEngineFault(error: unknown): boolean {
  return (
    isInputOutputError(error) ||
    translateDatabaseError(error) !== error ||
    error instanceof DatabaseFullError ||
    error instanceof DatabaseUnavailableError
  );
}
