import type { Readable } from 'node:stream';

/** Size in bytes and SHA-256 in hex of the bytes that were written. */
export interface BlobDigest {
  readonly size: number;
  readonly sha256: string;
}

/** A blob on its way in. Nobody can see it before `publish`. */
export interface BlobWriter {
  /** Bytes taken so far. */
  readonly size: number;
  /**
   * Takes bytes in order. Gives a promise when the caller should wait before it offers more, so that memory stays flat.
   * @throws StorageFullError
   */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Resolves when all bytes are durable, although still under no key. After an error the writer can only be rolled back. */
  finish(): Promise<BlobDigest>;
  /**
   * Makes durable what was taken: more may follow, also in a later process. After an error the writer can only be let go.
   * @returns bytes of the upload that are durable, from its first on
   */
  suspend(): Promise<number>;
  /**
   * Told now and then, while bytes come in, how many are durable already, from the upload's first on: a process that dies
   * in the midst of a long part then loses only the last of it.
   */
  onDurable?: (size: number) => void;
  /** Lets go of the upload without an end, for `resumeUpload`. What was not made durable is lost. */
  letGo(): Promise<void>;
  /**
   * Gives the bytes their key, durably, and replaces nothing.
   * @throws ForeignBytesError when there are other bytes at the key already; they stay
   */
  publish(key: string): Promise<void>;
  /** Frees what the writer holds, after the record that owns the blob has been committed. */
  close(): Promise<void>;
}

/** Bytes that were whole before anything was written: durable under a name that tells their key, until they stand at it. */
export interface StagedBlob {
  readonly key: string;
  /**
   * Gives the bytes their key, durably, and replaces nothing.
   * @throws ForeignBytesError when there are other bytes at the key already; they stay
   */
  publish(): Promise<void>;
  /** Lets go of the other name, after the record that owns the blob has been committed. */
  release(): Promise<void>;
  /** Undoes it, published or not: there is no record. Bytes at the key that are not its own stay untouched. */
  rollBack(): Promise<void>;
}

/** The bytes of a blob on their way out. */
export interface BlobStream extends Readable {
  /**
   * Hands on the bytes piece by piece, in order, instead of letting them be read, and ends the stream. A piece's memory is
   * used again once nobody needs the piece any more. Where it is missing, the stream can only be read.
   * @param take resolves once it needs the piece no more: to true to get the next one, to false to get none
   * @returns whether all of them were taken
   */
  pour?(take: (piece: Buffer) => Promise<boolean>): Promise<boolean>;
}

/** An open blob. Its bytes stay readable until it is closed, also when it is removed meanwhile. */
export interface BlobReader {
  /** Bytes. */
  readonly size: number;
  /** The bytes from `start` to `end`, both included, at once: for few of them, since a stream costs more. Closes the reader. */
  read(start: number, end: number): Promise<Buffer>;
  /** The bytes from `start` to `end`, both included. Closes the reader at its end, or when the stream is destroyed. */
  stream(start: number, end: number): BlobStream;
  close(): Promise<void>;
}

/**
 * Where the bytes are kept: the one port of DefDrive, its injection token and its documentation.
 *
 * A driver knows keys and bytes, never a record. What publishes, removes or rolls back the bytes at a key, and what is read
 * and written in the database along with it, is done under `exclusively`.
 */
export abstract class StorageService {
  /** Which kind of storage it is, as its record says. */
  abstract readonly kind: 'local' | 's3';
  /** Known once it is attached. Rows of another storage are none of its business. */
  abstract readonly id: string;
  /** Whether a key is used again when a name is. Then bytes that are still to be removed hold their name. */
  abstract readonly reusesKeys: boolean;
  /** Bytes of a file's name, in UTF-8; known once it is attached. */
  readonly longestName: number = 255;

  /**
   * Makes the storage ready and proves that it is the right one.
   * @param expected the id that the database knows; without one, a fresh storage is given an id
   * @returns the storage's id
   * @throws StorageUnusableError when it is another one, an empty one, one with bytes although none is expected, or lacks
   * what the protocol needs
   */
  abstract attach(expected: string | undefined): Promise<string>;

  /**
   * Proves that the storage is the one that the database knows, without making or changing anything in it: for programs
   * beside the server.
   * @throws StorageUnusableError when it is another one, or empty
   */
  abstract verify(expected: string): Promise<void>;

  /** The key under which a file of this owner and name is kept. */
  abstract keyOf(owner: string, name: string): string;

  /**
   * Runs work on the bytes at a key, alone, where keys are used again: an old removal must not meet a new upload there.
   * @returns what the work gives
   * @throws whatever the work throws
   */
  abstract exclusively<Result>(key: string, work: () => Promise<Result>): Promise<Result>;

  /**
   * Begins an upload. `uploadId` is unique among all uploads, and finds the upload again after a crash.
   * @param key under which it will be published
   */
  abstract createUpload(uploadId: number, key: string): Promise<BlobWriter>;

  /**
   * Begins an upload with all bytes of a file of this machine, which share their room with it until either is gone (a
   * reflink): never a link, whose bytes would outlive a delete. Where that cannot be, it has not begun.
   */
  async cloneUpload(_uploadId: number, _path: string): Promise<BlobWriter | undefined> {
    return undefined;
  }

  /**
   * Goes on with an upload of which so many bytes were made durable by `suspend`; 0 begins it. What came after them, and
   * was told to nobody, is cut off.
   * @param key under which it will be published
   * @throws UploadLostError when they are not there any more
   */
  abstract resumeUpload(uploadId: number, offset: number, key: string): Promise<BlobWriter>;

  /** Whether bytes for this key can be staged. */
  canStage(_key: string): boolean {
    return false;
  }

  /**
   * Stages bytes, where that can be (`canStage`): they are durable, and found again after a crash, without any record.
   * @throws StorageFullError
   */
  async stage(_key: string, _bytes: Buffer): Promise<StagedBlob> {
    throw new Error('This storage stages nothing');
  }

  /** What is staged, by whatever process. */
  async staged(): Promise<StagedBlob[]> {
    return [];
  }

  /**
   * Undoes an upload that was not acknowledged, published or not, in this process or an earlier one. May be repeated.
   * Bytes at the key that are not this upload's own stay untouched.
   */
  abstract rollBackUpload(uploadId: number, key: string): Promise<void>;

  /** Removes what an upload has left beside the bytes at its key, where another server has made a file of it. May be repeated. */
  async clearUpload(_uploadId: number, _key: string): Promise<void> {}

  /**
   * Removes what dead uploads left, except for what is staged, and the uploads in `keep`, which may be gone on with, or are
   * still to be undone.
   * @param keep asked after what is there was listed: an upload that begins meanwhile is in neither or in both
   */
  abstract discardUploads(keep: () => Promise<ReadonlySet<number>>): Promise<void>;

  /**
   * Opens a blob.
   * @throws BlobMissingError when there is no blob at the key
   */
  abstract open(key: string): Promise<BlobReader>;

  /**
   * Removes a blob: from now on it cannot be opened. A blob that is already gone is a success, once the storage has
   * proved that it is still the same one. Durable only after `flush`.
   */
  abstract remove(key: string): Promise<void>;

  /** Makes the removals of these keys durable. */
  abstract flush(keys: readonly string[]): Promise<void>;

  /** Proves that the storage is the right one and can be written now. */
  abstract probe(): Promise<void>;

  /** Bytes that can still be stored; null where nobody can tell. */
  abstract free(): Promise<number | null>;
}
