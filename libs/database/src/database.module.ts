import { AppConfig } from '@app/config';
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Database, openDatabase } from './open-database.js';
import { UnitOfWork } from './unit-of-work.js';

const DATABASE = Symbol('database');

/** Two ways to the database, for either engine: `DataSource` reads, `UnitOfWork` writes. */
@Global()
@Module({
  providers: [
    { provide: DATABASE, inject: [AppConfig], useFactory: openDatabase },
    { provide: DataSource, inject: [DATABASE], useFactory: (database: Database) => database.reader },
    { provide: UnitOfWork, inject: [DATABASE], useFactory: (database: Database) => database.units },
  ],
  exports: [DataSource, UnitOfWork],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
