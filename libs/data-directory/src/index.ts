export {
  type DataDirectoryLock,
  isDataDirectoryLocked,
  lockDataDirectory,
  prepareDataDirectory,
  readOrCreateSecret,
} from './data-directory.js';
export { SQLITE_PACKAGE, SqliteDatabase } from './sqlite-driver.js';
