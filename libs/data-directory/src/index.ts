export { DiskReserve } from './disk-reserve.js';
export { DataDirectoryLease } from './data-directory-lease.js';
export { lockDataDirectory, prepareDataDirectory } from './data-directory.js';
export { LeaseModule } from './lease.module.js';
export { refuseLostDrive } from './lost-drive.js';
export { ServerLease } from './server-lease.js';
export { SQLITE_PACKAGE, SqliteDatabase } from './sqlite-driver.js';
export { readOrCreateSecret, RECEIPT_SECRET, replaceSecret } from './secrets.js';
