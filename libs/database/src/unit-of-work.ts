import type { EntityManager, QueryRunner } from 'typeorm';

/** What a unit of work may use: the one connection that its transaction runs on, and nothing else. */
export class Unit {
  constructor(private readonly runner: QueryRunner) {}

  get manager(): EntityManager {
    return this.runner.manager;
  }

  /** What a SELECT ends with to lock the rows it reads. SQLite needs none: its transaction already excludes other writers. */
  get forUpdate(): string {
    return this.runner.dataSource.options.type === 'better-sqlite3' ? '' : ' FOR UPDATE';
  }

  /** Locks a row, if it is there, against other transactions until this one ends. */
  async lock(table: 'users' | 'accesses', id: number): Promise<void> {
    if (this.forUpdate) await this.rows(`SELECT id FROM ${table} WHERE id = ?${this.forUpdate}`, [id]);
  }

  /** Runs a statement that changes rows; gives the number of rows that it changed. */
  async change(sql: string, parameters: unknown[]): Promise<number> {
    const { affected } = await this.runner.query(sql, parameters, true);
    return affected ?? 0;
  }

  /** Runs an INSERT of one row; gives the id that the database has made for it. */
  async insert(sql: string, parameters: unknown[]): Promise<number> {
    const { raw } = (await this.runner.query(sql, parameters, true)) as { raw: number | { insertId: number } };
    return typeof raw === 'number' ? raw : raw.insertId;
  }

  /**
   * Runs a part of the work that may fail alone: what it has changed is taken back then, and the unit can go on.
   * @throws whatever the part throws
   */
  async attempt<Result>(part: () => Promise<Result>): Promise<Result> {
    await this.runner.query('SAVEPOINT part');
    try {
      return await part();
    } catch (error) {
      await this.runner.query('ROLLBACK TO SAVEPOINT part');
      throw error;
    } finally {
      await this.runner.query('RELEASE SAVEPOINT part');
    }
  }

  /** Runs a query and gives its rows as the driver has them. */
  rows<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.runner.query(sql, parameters);
  }
}

export type Work<Result> = (unit: Unit) => Promise<Result>;

/**
 * Tells from the rows whether the work that gave this result has been committed. It runs in a new transaction and must
 * lock the row it looks at (`unit.forUpdate`): the lost COMMIT may still be under way on the server, and the lock waits
 * for it. The id of a row that the work itself has added proves nothing: a server that crashes before the COMMIT gives it
 * to the next one.
 */
export type Committed<Result> = (unit: Unit, result: Result) => Promise<boolean>;

/**
 * The only way to write. `run` carries out the work in one transaction and resolves after COMMIT, when the changes are
 * durable; if the work or the COMMIT fails, nothing has changed and `run` rejects.
 *
 * Inside, only the unit that was handed in: no nested `run`, no slow input or output, no statements side by side.
 * The work may be run again from its beginning, so it must not have effects of its own outside the database.
 *
 * One case is neither: on MariaDB and MySQL the connection can break while COMMIT is under way. Then `committed`, if it
 * was given, is asked until the database answers (at most some seconds): `run` resolves if the changes are there and
 * rejects with DatabaseUnavailableError if they are not. Without it, or without an answer, `run` rejects with
 * CommitOutcomeUnknownError, and whoever has bytes to move on account of the outcome must leave them alone. (SQLite ends
 * the process when its disk fails at COMMIT: the next start finds out.)
 */
export abstract class UnitOfWork {
  /**
   * @throws CommitOutcomeUnknownError (a DatabaseUnavailableError) when nobody can tell whether it was committed
   * @throws DatabaseUnavailableError when the database is away or busy
   * @throws DatabaseFullError when its disk is full
   * @throws whatever the work throws
   */
  abstract run<Result>(work: Work<Result>, committed?: Committed<Result>): Promise<Result>;

  /**
   * As `run`, for work that frees room, or lets somebody in to do so: where the disk under the database is full, the
   * reserve is given up for it.
   */
  free<Result>(work: Work<Result>, committed?: Committed<Result>): Promise<Result> {
    return this.run(work, committed);
  }

  /**
   * Runs one statement that changes rows, as a unit of its own, which on a server costs one way instead of three.
   * @returns the number of rows that it changed
   * @throws as `run`
   */
  change(sql: string, parameters: unknown[]): Promise<number> {
    return this.run((unit) => unit.change(sql, parameters));
  }

  /** From now on keeps a reserve of room, where the database is on a disk of ours. */
  keepReserve(): void {}

  /** Resolves when everything that was asked for has been committed or refused. */
  abstract idle(): Promise<void>;

  /** Waits until it is idle and closes its connections; later units are refused with DatabaseUnavailableError. */
  abstract close(): Promise<void>;
}
