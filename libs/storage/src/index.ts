export { AllDrivers, type Drivers } from './drivers.js';
export { BackupSeries } from './local/backup-series.js';
export { LocalBackup } from './local/local-backup.js';
export { RestoredDirectory } from './local/restored-directory.js';
export { type SourceEntry, SourceTree } from './local/source-tree.js';
export { noteSpent } from './spent-chunks.js';
export { Quarantine } from './quarantine.js';
export {
  BlobMissingError,
  ForeignBytesError,
  StorageAbsentError,
  StorageAwayError,
  NameRefusedError,
  StorageFullError,
  StorageUnusableError,
  UploadLostError,
} from './storage-errors.js';
export { type BlobLook, StorageInventory } from './storage-inventory.js';
export { openDrivers, StorageModule } from './storage.module.js';
export {
  type BlobDigest,
  type BlobReader,
  type BlobStream,
  type BlobWriter,
  type StagedBlob,
  StorageService,
} from './storage.service.js';
export { Storages } from './storages.js';
export { isSwept, type Remnant } from './swept-storage.js';
