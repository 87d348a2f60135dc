import { AppConfig, waitWhileAway } from '@app/config';
import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isDatabaseAway } from './database-errors.js';
import { type Database, openDatabase } from './open-database.js';
import { Marks } from './marks.js';
import { SlowReads } from './slow-reads.js';
import { StatementTimes } from './statement-times.js';
import { UnitOfWork } from './unit-of-work.js';

const DATABASE = Symbol('database');

function openPatiently(config: AppConfig): Promise<Database> {
  return waitWhileAway(config.startWaitMs, isDatabaseAway, () => openDatabase(config));
}

/** Three ways to the database, for either engine: `DataSource` reads, `UnitOfWork` writes, `SlowReads` reads what may take long. */
@Global()
@Module({
  providers: [
    { provide: DATABASE, inject: [AppConfig], useFactory: openPatiently },
    { provide: DataSource, inject: [DATABASE], useFactory: (database: Database) => database.reader },
    { provide: SlowReads, inject: [DATABASE], useFactory: (database: Database) => database.slow },
    { provide: UnitOfWork, inject: [DATABASE], useFactory: (database: Database) => database.units },
    { provide: StatementTimes, inject: [DATABASE], useFactory: (database: Database) => database.times },
    Marks,
  ],
  exports: [DataSource, Marks, SlowReads, StatementTimes, UnitOfWork],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** For a program beside the server: the database must be there and up to date, and is not changed by being opened. */
  static existing(): DynamicModule {
    const useFactory = (config: AppConfig) => openDatabase(config, 'require');
    return { module: DatabaseModule, providers: [{ provide: DATABASE, inject: [AppConfig], useFactory }] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
