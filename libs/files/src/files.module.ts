import { AccountsModule } from '@app/accounts';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { AdminFilesService } from './admin-files.service.js';
import { AdminUploadsService } from './admin-uploads.service.js';
import { BulkDeleteService } from './bulk-delete.service.js';
import { ArchiveService } from './content/archive.service.js';
import { ContentCache } from './content/content-cache.js';
import { ContentService } from './content/content.service.js';
import { Downloads } from './content/downloads.js';
import { FileList } from './list/file-list.js';
import { FileStats } from './list/file-stats.js';
import { NameSearch } from './list/name-search.js';
import { SearchTurns } from './list/search-turns.js';
import { FilesService } from './files.service.js';
import { IncomingService } from './incoming/incoming.service.js';
import { PendingRows } from './incoming/pending-rows.js';
import { StagedRecords } from './incoming/staged-records.js';
import { StagedUploads } from './incoming/staged-uploads.js';
import { UploadClaims } from './incoming/upload-claims.js';
import { UploadRollback } from './incoming/upload-rollback.js';
import { CopiesUnderWay } from './moving/copies-under-way.js';
import { FileMove } from './moving/file-move.js';
import { StorageMove } from './moving/storage-move.service.js';
import { ReceiptExport } from './receipts/receipt-export.js';
import { UploadTurns } from './incoming/upload-turns.js';
import { ReceiptSigner } from './receipts/receipt-signer.js';
import { ReceiptsService } from './receipts/receipts.service.js';
import { DeleteTransaction } from './removals/delete-transaction.js';
import { RemovalSettler } from './removals/removal-settler.js';
import { RemovalsService } from './removals/removals.service.js';
import { StorageRegistry } from './storage-registry.js';
import { UploadEnds } from './uploads/upload-ends.js';
import { UploadHolds } from './uploads/upload-holds.js';
import { UploadOffsets } from './uploads/upload-offsets.js';
import { UploadWriters } from './uploads/upload-writers.js';
import { UploadsService } from './uploads/uploads.service.js';

/** What the routes, the server and the command line have from here. */
const RULES = [
  AdminFilesService,
  AdminUploadsService,
  ArchiveService,
  BulkDeleteService,
  ContentService,
  DeleteTransaction,
  Downloads,
  FileList,
  FilesService,
  IncomingService,
  PendingRows,
  ReceiptExport,
  ReceiptSigner,
  ReceiptsService,
  RemovalsService,
  StorageMove,
  StorageRegistry,
  UploadEnds,
  UploadHolds,
  UploadRollback,
  UploadTurns,
  UploadsService,
];

/** The rules of a file's life, for whoever follows them. */
@Module({
  imports: [AccountsModule, StorageModule],
  providers: [
    ...RULES,
    ContentCache,
    CopiesUnderWay,
    FileMove,
    FileStats,
    NameSearch,
    RemovalSettler,
    SearchTurns,
    StagedRecords,
    StagedUploads,
    UploadClaims,
    UploadOffsets,
    UploadWriters,
  ],
  exports: RULES,
})
export class FilesModule {}
