import { AccountsModule } from '@app/accounts';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { ContentService } from './content/content.service.js';
import { FileList } from './file-list.js';
import { FileOwnerGuard } from './file-owner.guard.js';
import { FilesServer } from './files-server.js';
import { FilesController } from './files.controller.js';
import { FilesService } from './files.service.js';
import { KeyLocks } from './key-locks.js';
import { RemovalSettler } from './removals/removal-settler.js';
import { RemovalsService } from './removals/removals.service.js';
import { RemovalsWorker } from './removals/removals.worker.js';
import { StorageRegistry } from './storage-registry.js';
import { UploadClaims } from './uploads/upload-claims.js';
import { UploadRollback } from './uploads/upload-rollback.js';
import { UploadsService } from './uploads/uploads.service.js';

@Module({
  imports: [AccountsModule, StorageModule],
  controllers: [FilesController],
  providers: [
    ContentService,
    FileList,
    FileOwnerGuard,
    FilesServer,
    FilesService,
    KeyLocks,
    RemovalSettler,
    RemovalsService,
    RemovalsWorker,
    StorageRegistry,
    UploadClaims,
    UploadRollback,
    UploadsService,
  ],
  exports: [
    ContentService,
    FileOwnerGuard,
    FilesServer,
    FilesService,
    // For FilesAdminModule only: the lib's door keeps them in.
    KeyLocks,
    RemovalSettler,
    RemovalsService,
    StorageModule,
    StorageRegistry,
    UploadClaims,
    UploadRollback,
  ],
})
export class FilesModule {}
