export { AccountNotRemovedError, AccountRemoval } from './accounts/account-removal.js';
export { type BackupResult, DriveBackup } from './backup/drive-backup.js';
export { CheckTally } from './check/check-tally.js';
export { type Finding, FINDING_KINDS, type FindingKind, subjectOf } from './check/finding.js';
export { QuarantineRestore } from './check/quarantine-restore.js';
export { ReceiptsCheck } from './check/receipts-check.js';
export { type CheckOptions, StorageCheck } from './check/storage-check.js';
export { type Repair, type RepairOutcome, StorageRepair } from './check/storage-repair.js';
export { IntegrityModule } from './integrity.module.js';
