export { AppConfig, type Rate } from './app-config.js';
export { ConfigError } from './config-error.js';
export { ConfigModule } from './config.module.js';
export {
  type DataDirectoryLock,
  isDataDirectoryLocked,
  lockDataDirectory,
  prepareDataDirectory,
  readOrCreateSecret,
} from './data-directory.js';
export { failpoint } from './failpoint.js';
export { SQLITE_PACKAGE, SqliteDatabase } from './sqlite-driver.js';
