export { compileCascade, type RemovalStep } from './cascade-removal.js';
export { type DatabaseSettings, dataSourceOptions } from './data-source.js';
export { type CopiedFile, DatabaseCopy } from './database-copy.js';
export {
  CommitOutcomeUnknownError,
  DatabaseFullError,
  DatabaseUnavailableError,
  isDatabaseAway,
  isEngineFault,
  isForeignKeyViolation,
  isUniqueViolation,
  translateDatabaseError,
} from './database-errors.js';
export { DatabaseDamagedError, findDamage } from './damage.js';
export { DatabaseModule } from './database.module.js';
export {
  Access,
  ApiToken,
  BlobRemoval,
  File,
  type FileState,
  FileType,
  Identity,
  Receipt,
  ReceiptKey,
  RequestKey,
  type Role,
  Server,
  Session,
  Storage,
  Upload,
  User,
} from './entities/index.js';
export { type MaintenanceMark, type Marked, Marks, type MoveMark } from './marks.js';
export { MigratableDataSource } from './migratable-data-source.js';
export { type Database, openDatabase } from './open-database.js';
export { migrateDatabase, readSchemaStatus, SchemaMismatchError } from './schema-status.js';
export { scrubDatabase } from './scrub-database.js';
export { SlowReads } from './slow-reads.js';
export { StatementTimes } from './statement-times.js';
export { type Committed, Unit, UnitOfWork, type Work } from './unit-of-work.js';
