import { AppConfig } from '@app/config';
import { dataSourceOptions, MigratableDataSource } from '@app/database';

/** For TypeORM's own command line, on the build: `npx typeorm schema:log -d dist/ormconfig.js`. */
export default new MigratableDataSource(dataSourceOptions(AppConfig.load()));
