import { AccountsModule } from '@app/accounts';
import { FilesModule } from '@app/files';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { AccountRemoval } from './accounts/account-removal.js';
import { DriveBackup } from './backup/drive-backup.js';
import { BlobsCheck } from './check/blobs-check.js';
import { LedgerCheck } from './check/ledger-check.js';
import { NamesCheck } from './check/names-check.js';
import { QuarantineRestore } from './check/quarantine-restore.js';
import { ReceiptsCheck } from './check/receipts-check.js';
import { RecordsCheck } from './check/records-check.js';
import { StorageCheck } from './check/storage-check.js';
import { StorageRepair } from './check/storage-repair.js';
import { UnfinishedCheck } from './check/unfinished-check.js';
import { UploadsCheck } from './check/uploads-check.js';

/** What keeps the promises provable: check, repair, backup, and the removal of an account. */
@Module({
  imports: [AccountsModule, FilesModule, StorageModule],
  providers: [
    AccountRemoval,
    BlobsCheck,
    DriveBackup,
    LedgerCheck,
    NamesCheck,
    QuarantineRestore,
    ReceiptsCheck,
    RecordsCheck,
    StorageCheck,
    StorageRepair,
    UnfinishedCheck,
    UploadsCheck,
  ],
  exports: [AccountRemoval, DriveBackup, QuarantineRestore, ReceiptsCheck, StorageCheck, StorageRepair],
})
export class IntegrityModule {}
