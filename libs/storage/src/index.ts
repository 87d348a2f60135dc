export { LocalBackup } from './local/local-backup.js';
export { Quarantine, type QuarantinedBlob } from './quarantine.js';
export {
  BlobMissingError,
  ForeignBytesError,
  StorageAbsentError,
  NameRefusedError,
  StorageFullError,
  StorageUnusableError,
  UploadLostError,
} from './storage-errors.js';
export { type BlobLook, type InventoryEntry, StorageInventory } from './storage-inventory.js';
export { openDrivers, StorageModule } from './storage.module.js';
export {
  type BlobDigest,
  type BlobReader,
  type BlobStream,
  type BlobWriter,
  StorageService,
} from './storage.service.js';
export { Storages } from './storages.js';
export { isSwept, type Remnant } from './swept-storage.js';
