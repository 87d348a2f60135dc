import type { QueryRunner } from 'typeorm';

/** What the guard has seen. */
export interface StatementGuard {
  /** The error with which the transaction ended under the work, if it did. */
  readonly fault: unknown;
  lift(): void;
}

/**
 * Watches the statements of a transaction. After an error with which the engine has ended the transaction, every further
 * statement fails with that same error: it would run outside any transaction and stay. And the error is kept, since work
 * that catches it, or makes another of it, must not pass for work that was refused.
 */
export function guardStatements(runner: QueryRunner, endsTransaction: (error: unknown) => boolean): StatementGuard {
  const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  const guard = {
    fault: undefined as unknown,
    lift: () => void Reflect.deleteProperty(runner, 'query'),
  };
  const guarded = async (...args: unknown[]) => {
    if (guard.fault) throw guard.fault;
    try {
      return await query(...args);
    } catch (error) {
      if (endsTransaction(error)) guard.fault = error;
      throw error;
    }
  };
  runner.query = guarded as typeof runner.query;
  return guard;
}
