import { StatementTimes } from '@app/database';
import type { Metrics } from '@app/telemetry';
import { Servers } from '@app/leases';
import { Storages } from '@app/storage';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { METRICS } from './metrics.controller.js';

/** A number of the database, by the statement that gives it as `n`. */
const COUNTS: readonly (readonly [name: string, help: string, sql: string])[] = [
  ['defdrive_users', 'Accounts', 'SELECT COUNT(*) AS n FROM users'],
  ['defdrive_files', 'Live files', 'SELECT SUM(usedFiles) AS n FROM users'],
  ['defdrive_file_bytes', 'Bytes of live files', 'SELECT SUM(usedBytes) AS n FROM users'],
  ['defdrive_removals_waiting', 'Deleted files whose bytes are not gone yet', 'SELECT COUNT(*) AS n FROM blobRemovals'],
  [
    'defdrive_removals_failing',
    'Those of them that have failed at least once',
    'SELECT COUNT(*) AS n FROM blobRemovals WHERE attempts > 0',
  ],
  [
    'defdrive_uploads_unfinished',
    'Resumable uploads that may go on',
    'SELECT COUNT(*) AS n FROM uploads WHERE reserved IS NOT NULL',
  ],
];
const OLDEST_REMOVAL = 'SELECT MIN(createdAt) AS n FROM blobRemovals';

/** What is looked up when somebody asks for the metrics: numbers of the database, and whether the parts work. */
@Injectable()
export class Readings implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly servers: Servers,
    private readonly statements: StatementTimes,
    @Inject(METRICS) private readonly metrics: Metrics | undefined,
  ) {}

  onModuleInit(): void {
    const { metrics } = this;
    if (!metrics) return;
    this.statements.told = metrics.timeStatement;
    for (const [name, help, sql] of COUNTS) metrics.add({ name, help, read: () => this.number(sql) });
    metrics.add({
      name: 'defdrive_removals_oldest_seconds',
      help: 'For how long the oldest of the waiting removals has waited',
      read: async () => {
        const oldest = await this.number(OLDEST_REMOVAL);
        return oldest === 0 ? 0 : (Date.now() - oldest) / 1000;
      },
    });
    this.addHealth(metrics);
    this.addServers(metrics);
  }

  private addServers(metrics: Metrics): void {
    metrics.add({
      name: 'defdrive_lease_valid',
      help: 'Whether this server takes uploads on: 0 while it cannot renew its lease in time',
      read: async () => Number(this.servers.isValid),
    });
    metrics.add({
      name: 'defdrive_servers_alive',
      help: 'Servers that share the drive and have renewed their lease in time; 0 where the drive has no leases',
      read: async () => (await this.servers.list()).filter(({ isAlive }) => isAlive).length,
    });
  }

  private addHealth(metrics: Metrics): void {
    metrics.add({
      name: 'defdrive_database_up',
      help: 'Whether the database answers',
      read: () => works(this.number('SELECT 1 AS n')),
    });
    metrics.add({
      name: 'defdrive_storage_free_bytes',
      help: 'Room that the storage has left',
      read: async () => (await this.storages.current.free()) ?? Number.NaN,
    });
    metrics.add({
      name: 'defdrive_storage_up',
      help: 'Whether the storage can be written',
      read: () => works(this.storages.current.probe()),
    });
  }

  private async number(sql: string): Promise<number> {
    const [row] = await this.dataSource.query<{ n: number | string | null }[]>(sql);
    return Number(row?.n ?? 0);
  }
}

/** 1 where it succeeds, else 0. */
function works(attempt: Promise<unknown>): Promise<number> {
  return attempt.then(
    () => 1,
    () => 0,
  );
}
