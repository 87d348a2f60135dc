import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AppConfig } from '@app/config';
import { SlowReads } from '@app/database';
import { Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DatabaseOverview, OverviewDto } from './dto/overview.dto.js';

/** Written out: the counters of the accounts are read instead of their files, which may be millions. */
const COUNTS = `
  SELECT (SELECT COUNT(*) FROM users) AS users,
    (SELECT COALESCE(SUM(usedFiles), 0) FROM users) AS files,
    (SELECT COALESCE(SUM(usedBytes), 0) FROM users) AS bytes,
    (SELECT COUNT(*) FROM accesses) AS accesses,
    (SELECT COUNT(*) FROM blobRemovals) AS removalsWaiting,
    (SELECT COUNT(*) FROM files WHERE state = 'pending') AS uploadsUnderWay`;

type Counts = Pick<OverviewDto, 'users' | 'files' | 'bytes' | 'accesses' | 'removalsWaiting' | 'uploadsUnderWay'>;

/** Looks at the whole drive. */
@Injectable()
export class OverviewService {
  private readonly id = randomUUID();
  private readonly startedAt = new Date().toISOString();
  /** Of whoever asked first; who asks meanwhile gets the same. */
  private counting: Promise<[Counts]> | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly slow: SlowReads,
    private readonly storages: Storages,
  ) {}

  async look(): Promise<OverviewDto> {
    this.counting ??= this.count().finally(() => (this.counting = undefined));
    const [counts] = await this.counting;
    // MariaDB gives a sum as text.
    const numbers = Object.entries(counts).map(([name, value]) => [name, Number(value)]);
    const { kind } = this.storages.current;
    // One server owns the data directory, and it is this one.
    const server = { id: this.id, name: hostname(), startedAt: this.startedAt, seenAt: new Date().toISOString() };
    return {
      ...(Object.fromEntries(numbers) as unknown as Counts),
      openToAnybody: this.config.openToAnybody,
      storage: { kind, free: await this.storages.current.free() },
      database: await this.database(),
      servers: [server],
    };
  }

  /** Accesses may be millions, too. */
  private async count(): Promise<[Counts]> {
    return (await this.slow.query<Counts>(COUNTS, [])) as [Counts];
  }

  private async database(): Promise<DatabaseOverview> {
    const isSqlite = this.dataSource.options.type === 'better-sqlite3';
    const sql = isSqlite ? 'SELECT sqlite_version() AS version' : 'SELECT VERSION() AS version';
    const [{ version }] = await this.dataSource.query<[{ version: string }]>(sql);
    if (isSqlite) return { kind: 'sqlite', version };
    return { kind: version.includes('MariaDB') ? 'mariadb' : 'mysql', version };
  }
}
