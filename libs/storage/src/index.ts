export { StorageModule } from './storage.module.js';
export { BlobMissingError, ForeignBytesError, StorageFullError, StorageUnusableError } from './storage-errors.js';
export { type BlobDigest, type BlobReader, type BlobWriter, StorageService } from './storage.service.js';
