import type { SqliteDatabase } from '@app/data-directory';

/** What the thread is started with. */
export interface ReaderThreadData {
  /** Path of the SQLite driver. */
  readonly driver: string;
  /** Path of the database. */
  readonly database: string;
}

export interface ReadRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

export interface ReadAnswer {
  readonly id: number;
  readonly rows?: unknown[];
  readonly error?: { readonly message: string; readonly code?: string };
}

type Reader = (request: ReadRequest) => unknown[];

/**
 * The program of a thread that reads. It is handed over as text (`Worker` with `eval`), so that it runs from the build and
 * from the sources alike: hence none of these functions knows anything from outside of itself.
 */
export const READER_THREAD = `(${serveReads})(${openReader})`;

function serveReads(open: (data: ReaderThreadData) => Reader): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { getPriority, setPriority } = process.getBuiltinModule('node:os');
  // Who answers requests goes first. On Linux a priority is a thread's own, elsewhere it would be the whole process's.
  try {
    if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + 10));
  } catch {
    // It may not: then the threads are equal.
  }
  const read = open(workerData);
  parentPort!.on('message', (request: ReadRequest) => {
    const { id } = request;
    try {
      parentPort!.postMessage({ id, rows: read(request) });
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      parentPort!.postMessage({ id, error: { message, code } });
    }
  });
}

function openReader({ driver, database }: ReaderThreadData): Reader {
  const Database = process.getBuiltinModule('node:module').createRequire(driver)(driver) as typeof SqliteDatabase;
  const connection = new Database(database, { readonly: true, fileMustExist: true, timeout: 1_000 });
  const prepared = new Map<string, ReturnType<typeof connection.prepare>>();
  return ({ sql, parameters }) => {
    if (prepared.size > 100) prepared.clear();
    const statement = prepared.get(sql) ?? connection.prepare(sql);
    prepared.set(sql, statement);
    return statement.all(parameters);
  };
}
