import { AccountsModule } from '@app/accounts';
import { FilesModule } from '@app/files';
import { AdminLinksModule } from '@app/sharing';
import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { AccountRemoval } from './accounts/account-removal.js';
import { AuditNames } from './audit/audit-names.js';
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
import { AncestorAccounts } from './import/ancestor-accounts.js';
import { AncestorImport } from './import/ancestor-import.js';
import { FileImport } from './import/file-import.js';
import { FolderImport } from './import/folder-import.js';
import { DriveStatus } from './status/drive-status.js';
import { UploadsCheck } from './check/uploads-check.js';

/** What keeps the promises provable: check, repair, backup, and the removal of an account. */
@Module({
  imports: [AccountsModule, AdminLinksModule, FilesModule, StorageModule],
  providers: [
    AccountRemoval,
    AncestorAccounts,
    AncestorImport,
    AuditNames,
    BlobsCheck,
    DriveBackup,
    DriveStatus,
    FileImport,
    FolderImport,
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
  exports: [
    AccountRemoval,
    AncestorImport,
    AuditNames,
    DriveBackup,
    FolderImport,
    DriveStatus,
    QuarantineRestore,
    ReceiptsCheck,
    StorageCheck,
    StorageRepair,
  ],
})
export class IntegrityModule {}
