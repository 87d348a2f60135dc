export {
  type DataDirectoryLock,
  isDataDirectoryLocked,
  lockDataDirectory,
  prepareDataDirectory,
} from './data-directory.js';
export { refuseLostDrive } from './lost-drive.js';
export { SQLITE_PACKAGE, SqliteDatabase } from './sqlite-driver.js';
export { readOrCreateSecret, readSecret, RECEIPT_SECRET, replaceSecret, type SecretFile } from './secrets.js';
