/** The database cannot be reached or is busy beyond patience. Nothing was changed; the caller may try again. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/** The disk under the database is full. Nothing was changed. */
export class DatabaseFullError extends Error {
  override readonly name = 'DatabaseFullError';
}

interface DriverError {
  code?: string;
  message?: string;
  driverError?: DriverError;
}

/** The error of the driver itself, which TypeORM wraps. */
function driverErrorOf(error: unknown): DriverError {
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

/** Turns the faults of a driver that a caller can act on into this library's own errors; hands on anything else. */
export function translateDatabaseError(error: unknown): unknown {
  const { code = '' } = driverErrorOf(error);
  if (code === 'SQLITE_FULL') return new DatabaseFullError('The disk under the database is full', { cause: error });
  if (code.startsWith('SQLITE_BUSY')) return new DatabaseUnavailableError('The database is busy', { cause: error });
  return error;
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
