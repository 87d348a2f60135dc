import { AppConfig } from '@app/config';
import { dataSourceOptions } from '@app/database';
import { DataSource } from 'typeorm';

/** For TypeORM's own command line, on the build: `npx typeorm schema:log -d dist/ormconfig.js`. */
export default new DataSource(dataSourceOptions(AppConfig.load()));
