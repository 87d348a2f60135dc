import type { QueryRunner } from 'typeorm';

/**
 * Watches the statements of a transaction. After an error with which the engine has ended the transaction, every further
 * statement fails with that same error: it would run outside any transaction and stay. And the error is kept, since work
 * that catches it, or makes another of it, must not pass for work that was refused.
 */
export class StatementGuard {
  private ended: unknown;

  constructor(private readonly endsTransaction: (error: unknown) => boolean) {}

  /** The error with which the transaction ended under the work, if it did. */
  get fault(): unknown {
    return this.ended;
  }

  /** Called before a statement. @throws the error with which the transaction ended */
  assertUnharmed(): void {
    if (this.ended) throw this.ended;
  }

  /** Called with the error of a statement. */
  note(error: unknown): void {
    if (this.endsTransaction(error)) this.ended = error;
  }
}

/** A runner that lets a guard watch its statements. */
export interface GuardedQueryRunner extends QueryRunner {
  guard: StatementGuard | undefined;
}
