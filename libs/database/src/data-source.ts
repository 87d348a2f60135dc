import type { AppConfig } from '@app/config';
import type { DataSourceOptions } from 'typeorm';
import { mysqlOptions } from './mysql-options.js';
import { sqliteOptions } from './sqlite-options.js';

/** The settings that say where the database is. */
export type DatabaseSettings = Pick<AppConfig, 'dataDir' | 'databaseUrl'>;

/** How TypeORM reaches the database that the settings name, to write to it. */
export function dataSourceOptions({ dataDir, databaseUrl }: DatabaseSettings): DataSourceOptions {
  return databaseUrl ? mysqlOptions(databaseUrl) : sqliteOptions(dataDir, 'writer');
}
