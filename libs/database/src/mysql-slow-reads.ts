import PQueue from 'p-queue';
import type { DataSource } from 'typeorm';
import { SlowReads } from './slow-reads.js';

/** Connections of the pool that slow reads may have at once. */
const AT_ONCE = 4;

/** The server is another process; what must be spared are the connections to it. */
export class MysqlSlowReads extends SlowReads {
  private readonly queue = new PQueue({ concurrency: AT_ONCE });

  constructor(private readonly pool: DataSource) {
    super();
  }

  override query<Row>(sql: string, parameters: readonly (string | number)[]): Promise<Row[]> {
    return this.queue.add(() => this.pool.query<Row[]>(sql, [...parameters]));
  }

  override close(): Promise<void> {
    return this.queue.onIdle();
  }
}
