import { AccountsModule } from '@app/accounts';
import { Module } from '@nestjs/common';
import { AccountRemoval } from './admin/account-removal.js';
import { AdminFilesService } from './admin/admin-files.service.js';
import { DriveBackup } from './backup/drive-backup.js';
import { BlobsCheck } from './check/blobs-check.js';
import { LedgerCheck } from './check/ledger-check.js';
import { QuarantineRestore } from './check/quarantine-restore.js';
import { RecordsCheck } from './check/records-check.js';
import { StorageCheck } from './check/storage-check.js';
import { StorageRepair } from './check/storage-repair.js';
import { UploadsCheck } from './check/uploads-check.js';
import { FilesModule } from './files.module.js';

/** What only the admin command line does with files. */
@Module({
  imports: [AccountsModule, FilesModule],
  providers: [
    AccountRemoval,
    AdminFilesService,
    BlobsCheck,
    DriveBackup,
    LedgerCheck,
    QuarantineRestore,
    RecordsCheck,
    StorageCheck,
    StorageRepair,
    UploadsCheck,
  ],
  exports: [AccountRemoval, AdminFilesService, DriveBackup, QuarantineRestore, StorageCheck, StorageRepair],
})
export class FilesAdminModule {}
