/** Every class of damage that the check knows, and what a repair can do about it: only what is provably right. */
export const FINDING_KINDS = {
  'database-damaged': { title: 'damage in the database itself', repair: undefined },
  'blob-missing': { title: 'live file without its bytes', repair: undefined },
  'blob-size': { title: 'bytes of another size than recorded', repair: undefined },
  'blob-hash': { title: 'bytes with another SHA-256 than recorded', repair: undefined },
  'blob-unreadable': { title: 'bytes that cannot be read', repair: undefined },
  'blob-unknown': { title: 'bytes without a record', repair: 'moved to the quarantine' },
  'entry-unknown': { title: 'something in the storage that cannot be ours', repair: undefined },
  'storage-unknown': { title: 'record of bytes in another storage', repair: undefined },
  'upload-dead': { title: 'pending upload without a living process', repair: 'undone' },
  'upload-lost': { title: 'unfinished upload without the bytes that it has told of', repair: 'undone' },
  'reservation-wrong': { title: 'room that is held wrongly for an upload', repair: 'held anew' },
  'temporary-file': { title: 'temporary file without its upload', repair: 'removed' },
  'removal-failing': { title: 'removal that has failed', repair: 'tried again' },
  'access-orphaned': { title: 'access without a live file', repair: 'deleted' },
  'access-overused': { title: 'link used more often than allowed', repair: undefined },
  'name-alike': { title: 'file whose name looks the same as another', repair: undefined },
  'name-key': { title: 'file that is compared by another name than its own', repair: 'compared by its own' },
  'receipt-broken': { title: 'chain of receipts that is broken', repair: undefined },
  'receipt-false': { title: 'receipt that is not true', repair: undefined },
  'receipt-missing': { title: 'delete that has lost its receipt', repair: undefined },
  'receipt-key': { title: 'key of receipts that is not the one it is called', repair: undefined },
  'usage-wrong': { title: 'usage counters that differ from the files', repair: 'counted anew' },
} as const satisfies Record<string, { title: string; repair: string | undefined }>;

export type FindingKind = keyof typeof FINDING_KINDS;

/** One damage. The fields beside `kind` and `problem` say where; which are there depends on the kind. */
export interface Finding {
  readonly kind: FindingKind;
  /** What is wrong, with figures, for people. */
  readonly problem: string;
  /** In the storage: on the disk `<owner>/<name>`. */
  readonly key?: string;
  /** The storage, of bytes that no record claims. */
  readonly storageId?: string;
  readonly fileId?: number;
  readonly ownerId?: number;
  readonly username?: string;
  readonly accessId?: number;
  readonly removalId?: number;
  /** Of an upload that outlives its requests. */
  readonly uploadId?: string;
  /** Name below the directory of unpublished uploads. */
  readonly upload?: string;
}

/** Where a finding is, in one text for people. */
export function subjectOf({ key, fileId, username, accessId, removalId, uploadId, upload }: Finding): string {
  const parts = [
    fileId !== undefined && `file ${fileId}`,
    accessId !== undefined && `access ${accessId}`,
    removalId !== undefined && `removal ${removalId}`,
    username !== undefined && `user ${username}`,
    uploadId !== undefined && `upload ${uploadId}`,
    upload !== undefined && `.tmp/${upload}`,
    key,
  ];
  return parts.filter(Boolean).join(' · ');
}
