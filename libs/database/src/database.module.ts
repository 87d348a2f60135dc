import { AppConfig } from '@app/config';
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './data-source.js';
import { SqliteUnitOfWork } from './sqlite-unit-of-work.js';
import { UnitOfWork } from './unit-of-work.js';

/** The connection that writes. Only the unit of work uses it. */
const WRITER = Symbol('writer');

/**
 * Two ways to the database: `DataSource` reads, `UnitOfWork` writes. The reading connection is read-only, so that a
 * write that goes round the unit of work fails at once instead of being lost in somebody else's transaction.
 */
@Global()
@Module({
  providers: [
    {
      provide: WRITER,
      inject: [AppConfig],
      useFactory: async (config: AppConfig) => {
        const writer = await new DataSource(dataSourceOptions(config)).initialize();
        await writer.runMigrations();
        return writer;
      },
    },
    {
      provide: DataSource,
      inject: [AppConfig, WRITER],
      useFactory: async (config: AppConfig) => {
        const reader = await new DataSource(dataSourceOptions(config)).initialize();
        await reader.query('PRAGMA query_only = 1');
        return reader;
      },
    },
    { provide: UnitOfWork, inject: [WRITER], useFactory: (writer: DataSource) => new SqliteUnitOfWork(writer) },
  ],
  exports: [DataSource, UnitOfWork],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(WRITER) private readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await (this.units as SqliteUnitOfWork).idle();
    await this.reader.destroy();
    await this.writer.destroy();
  }
}
