export { DiskReserve } from './disk-reserve.js';
export { DataDirectoryLease } from './data-directory-lease.js';
export { lockDataDirectory, prepareDataDirectory } from './data-directory.js';
export { LeaseModule } from './lease.module.js';
export { refuseLostDrive } from './lost-drive.js';
export { ServerLease } from './server-lease.js';
export { SQLITE_PACKAGE, SqliteDatabase } from './sqlite-driver.js';
export { readOrCreateSecret, readSecret, RECEIPT_SECRET, replaceSecret, type SecretFile } from './secrets.js';
