import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AppConfig } from '@app/config';
import { SlowReads } from '@app/database';
import { Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { countDrive, databaseKind, type DriveCounts } from '../status/drive-counts.js';
import type { OverviewDto } from './dto/overview.dto.js';

/** Looks at the whole drive. */
@Injectable()
export class OverviewService {
  private readonly id = randomUUID();
  private readonly startedAt = new Date().toISOString();
  /** Of whoever asked first; who asks meanwhile gets the same. */
  private counting: Promise<DriveCounts> | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly slow: SlowReads,
    private readonly storages: Storages,
  ) {}

  async look(): Promise<OverviewDto> {
    this.counting ??= this.count().finally(() => (this.counting = undefined));
    const counting = this.counting;
    const { kind } = this.storages.current;
    // One server owns the data directory, and it is this one.
    const server = { id: this.id, name: hostname(), startedAt: this.startedAt, seenAt: new Date().toISOString() };
    return {
      ...(await counting),
      openToAnybody: this.config.openToAnybody,
      storage: { kind, free: await this.storages.current.free() },
      database: await databaseKind(this.dataSource),
      servers: [server],
    };
  }

  /** Accesses may be millions, too. */
  private count(): Promise<DriveCounts> {
    return countDrive((sql) => this.slow.query<DriveCounts>(sql, []));
  }
}
