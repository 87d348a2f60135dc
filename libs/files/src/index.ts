export { ApiContent } from './content/api-content.js';
export { ContentService, type OpenContent } from './content/content.service.js';
export { OwnedFile, OwnedFileRoute } from './file-owner.guard.js';
export { FilesServer } from './files-server.js';
export { FilesModule } from './files.module.js';
export { FilesService } from './files.service.js';
export { StorageRegistry } from './storage-registry.js';
export { ClientGoneError } from './uploads/multipart.js';
export { deferContinue, expectBody, isWaiting } from './uploads/expect-continue.js';
