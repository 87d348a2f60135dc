import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { SQLITE_PACKAGE } from '@app/data-directory';
import { DatabaseUnavailableError } from './database-errors.js';
import { SlowReads } from './slow-reads.js';
import { type ReadAnswer, READER_THREAD, type ReaderThreadData, type ReadRequest } from './sqlite-reader-thread.js';

/** Milliseconds after which a thread that nobody asks ends, and gives back what it holds. */
const IDLE_MS = 30_000;
/** MiB for the rows of one answer and what else the thread holds: more would be a mistake of ours. */
const HEAP_MIB = 128;

interface Waiting {
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * SQLite works in the thread that calls it, so slow reads have one of their own, with a connection of its own, of lower
 * priority than the one that answers requests. It is there only while it is needed.
 */
export class SqliteSlowReads extends SlowReads {
  private readonly data: ReaderThreadData;
  private readonly waiting = new Map<number, Waiting>();
  private thread: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;
  private count = 0;
  private closed = false;

  /** @param database path of its file */
  constructor(database: string) {
    super();
    this.data = { driver: createRequire(import.meta.url).resolve(SQLITE_PACKAGE), database };
  }

  override query<Row>(sql: string, parameters: readonly (string | number)[]): Promise<Row[]> {
    if (this.closed) return Promise.reject(new DatabaseUnavailableError('The database is closed'));
    clearTimeout(this.idle);
    this.thread ??= this.start();
    const id = (this.count += 1);
    this.thread.postMessage({ id, sql, parameters } satisfies ReadRequest);
    return new Promise<unknown[]>((resolve, reject) => this.waiting.set(id, { resolve, reject })) as Promise<Row[]>;
  }

  override async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idle);
    await this.thread?.terminate();
  }

  private start(): Worker {
    const thread = new Worker(READER_THREAD, {
      eval: true,
      workerData: this.data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    thread.on('message', (answer: ReadAnswer) => this.settle(answer));
    thread.on('error', (error) => this.giveUp(thread, error));
    thread.on('exit', () => this.giveUp(thread));
    thread.unref();
    return thread;
  }

  private settle({ id, rows, error }: ReadAnswer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (rows) waiting?.resolve(rows);
    else waiting?.reject(Object.assign(new Error(error?.message), { code: error?.code }));
    if (this.waiting.size === 0) this.idle = setTimeout(() => void this.thread?.terminate(), IDLE_MS).unref();
  }

  /** A thread that has ended answers nobody; the next read starts another. */
  private giveUp(thread: Worker, cause?: unknown): void {
    if (this.thread !== thread) return;
    this.thread = undefined;
    for (const { reject } of this.waiting.values()) {
      reject(new DatabaseUnavailableError('The thread that reads has ended', { cause }));
    }
    this.waiting.clear();
  }
}
