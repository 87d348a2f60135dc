import { createHash } from 'node:crypto';

/**
 * What became of a request, as far as its client knows. `refused`: the answer says that nothing has changed. `unknown`:
 * no answer, or one that leaves it open.
 */
export type Outcome = 'none' | 'sent' | 'acknowledged' | 'refused' | 'unknown';

/** One attempt to upload a file. No two attempts have the same bytes, so bytes tell which attempt they are of. */
export interface FileRecord {
  readonly owner: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  id: number | undefined;
  upload: Outcome;
  removal: Outcome;
  /** What its flag may be. */
  readonly public: Set<boolean>;
  readonly links: LinkRecord[];
}

/** What a client knows of an upload that outlives its requests. */
export interface UploadBook {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  /** All that it is to become. */
  readonly bytes: Buffer;
  /** The highest offset that it was told. */
  told: number;
  /** `due`: it has expired, and ends when the server looks next. */
  end: 'none' | 'sent' | 'due' | 'acknowledged';
  /** What it becomes, once its last bytes were sent. */
  file: FileRecord | undefined;
}

export interface LinkRecord {
  readonly hash: string;
  /** Uses. */
  readonly limit: number;
  /** Downloads that came whole. */
  served: number;
  /** Requests that may have taken a use. */
  asked: number;
}

/** What the clients of a drive know: the other side of the books that the checker compares. */
export class Ledger {
  readonly accounts = new Map<string, Outcome>();
  files: FileRecord[] = [];
  /** Uploads that outlive their requests, as far as their clients learned their addresses. */
  uploads: UploadBook[] = [];
  /** Of files that are known to be gone: none of it may ever come back. */
  readonly graves = { ids: new Set<number>(), hashes: new Set<string>(), sums: new Set<string>() };
  /** Whose the files are that are known to be gone, by their ids. */
  private readonly owners = new Map<number, string>();
  /** Accounts that asked to be deleted: their receipts go with them. */
  private readonly left = new Set<string>();
  /** What a client saw that may never be seen. */
  readonly seen: string[] = [];

  begin(owner: string, name: string, bytes: Uint8Array): FileRecord {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const record: FileRecord = {
      owner,
      name,
      size: bytes.length,
      sha256,
      id: undefined,
      upload: 'sent',
      removal: 'none',
      public: new Set([false]),
      links: [],
    };
    this.files.push(record);
    return record;
  }

  /** An account asks to be deleted, with all its files. */
  leave(owner: string): void {
    this.accounts.set(owner, 'sent');
    this.left.add(owner);
    for (const record of this.files.filter((file) => file.owner === owner)) {
      record.removal = 'sent';
    }
  }

  /** Ids of files that were deleted, and have receipts that prove it. */
  proved(): number[] {
    const ids = [...this.graves.ids].filter((id) => !this.left.has(this.owners.get(id)!));
    const gone = this.files.filter(({ owner, removal }) => removal === 'acknowledged' && !this.left.has(owner));
    return [...ids, ...gone.map(({ id }) => id!)];
  }

  /**
   * Closes the books: what was open is now known from the drive at rest, and must stay so.
   * @param live the records' ids and flags, by the sum of their bytes
   * @param unfinished ids of the uploads that can be gone on with
   */
  close(
    live: ReadonlyMap<string, { readonly id: number; readonly public: boolean }>,
    unfinished: ReadonlySet<string>,
  ): void {
    this.closeUploads(live, unfinished);
    for (const record of this.files) {
      const row = live.get(record.sha256);
      if (!row) this.bury(record);
      else {
        Object.assign(record, { id: row.id, upload: 'acknowledged', removal: 'none' });
        record.public.clear();
        record.public.add(row.public);
      }
    }
    this.files = this.files.filter(({ sha256 }) => live.has(sha256));
  }

  /** Of an upload whose last bytes have not arrived there is no file, and there still may be one. */
  private closeUploads(live: ReadonlyMap<string, unknown>, unfinished: ReadonlySet<string>): void {
    for (const book of this.uploads) {
      const { id, file } = book;
      if (unfinished.has(id)) {
        this.files = this.files.filter((record) => record !== file);
        Object.assign(book, { file: undefined, end: 'none' });
      } else if (book.end !== 'none') book.end = 'acknowledged';
    }
    this.uploads = this.uploads.filter(({ file }) => !file || !live.has(file.sha256));
  }

  private bury({ id, owner, sha256, links }: FileRecord): void {
    if (id !== undefined) {
      this.graves.ids.add(id);
      this.owners.set(id, owner);
    }
    for (const { hash } of links) this.graves.hashes.add(hash);
    this.graves.sums.add(sha256);
  }
}
