import { AccountsModule } from '@app/accounts';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { BulkDeleteService } from './bulk-delete.service.js';
import { ArchiveService } from './content/archive.service.js';
import { ContentService } from './content/content.service.js';
import { Downloads } from './content/downloads.js';
import { FileList } from './file-list.js';
import { FilesService } from './files.service.js';
import { ArchiveController } from './http/archive.controller.js';
import { FileOwnerGuard } from './http/file-owner.guard.js';
import { FilesController } from './http/files.controller.js';
import { MultipartUploads } from './http/multipart-uploads.js';
import { TusRequests } from './http/uploads/tus-requests.js';
import { UploadOwnerGuard } from './http/uploads/upload-owner.guard.js';
import { UploadsController } from './http/uploads/uploads.controller.js';
import { IncomingService } from './incoming/incoming.service.js';
import { DeletionsController } from './http/deletions.controller.js';
import { UploadReplay } from './http/upload-replay.js';
import { UploadClaims } from './incoming/upload-claims.js';
import { UploadRollback } from './incoming/upload-rollback.js';
import { DeleteTransaction } from './removals/delete-transaction.js';
import { RemovalSettler } from './removals/removal-settler.js';
import { RemovalsService } from './removals/removals.service.js';
import { ReceiptSigner } from './receipts/receipt-signer.js';
import { ReceiptsService } from './receipts/receipts.service.js';
import { FilesServer } from './server/files-server.js';
import { RemovalsWorker } from './server/removals.worker.js';
import { UploadsWorker } from './server/uploads.worker.js';
import { StorageRegistry } from './storage-registry.js';
import { UploadEnds } from './uploads/upload-ends.js';
import { UploadHolds } from './uploads/upload-holds.js';
import { UploadsService } from './uploads/uploads.service.js';

@Module({
  imports: [AccountsModule, StorageModule],
  controllers: [ArchiveController, FilesController, UploadsController, DeletionsController],
  providers: [
    ArchiveService,
    BulkDeleteService,
    ContentService,
    DeleteTransaction,
    Downloads,
    FileList,
    FileOwnerGuard,
    FilesServer,
    FilesService,
    IncomingService,
    MultipartUploads,
    RemovalSettler,
    RemovalsService,
    ReceiptSigner,
    ReceiptsService,
    RemovalsWorker,
    StorageRegistry,
    TusRequests,
    UploadClaims,
    UploadEnds,
    UploadHolds,
    UploadOwnerGuard,
    UploadReplay,
    UploadRollback,
    UploadsService,
    UploadsWorker,
  ],
  exports: [
    ContentService,
    DeleteTransaction,
    Downloads,
    FileOwnerGuard,
    FilesServer,
    FilesService,
    ReceiptSigner,
    // For IntegrityModule only: the lib's door keeps them in.
    IncomingService,
    RemovalSettler,
    RemovalsService,
    StorageModule,
    StorageRegistry,
    UploadEnds,
    UploadRollback,
  ],
})
export class FilesModule {}
