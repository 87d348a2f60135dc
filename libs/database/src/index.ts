export { compileCascade, type RemovalStep } from './cascade-removal.js';
export { dataSourceOptions } from './data-source.js';
export {
  DatabaseFullError,
  DatabaseUnavailableError,
  isEngineFault,
  isForeignKeyViolation,
  isUniqueViolation,
  translateDatabaseError,
} from './database-errors.js';
export { DatabaseModule } from './database.module.js';
export { Access, BlobRemoval, File, type FileState, type Role, Session, Storage, User } from './entities/index.js';
export { Unit, UnitOfWork, type Work } from './unit-of-work.js';
