import type { HeldKey } from '@app/accounts';
import { ContractError } from '@app/contract';
import type { File } from '@app/database';

/** What a file of elsewhere brings along. */
export interface Imported {
  /** Milliseconds since 1970. */
  readonly createdAt?: number | undefined;
  readonly public?: boolean | undefined;
  /** What its bytes must be. */
  readonly sha256?: string | undefined;
}

/**
 * Bytes on their way to a file: the one way in, whoever brings them. After `begin` its record claims the name; then come
 * `write`s, in order, and one of the others ends it.
 */
export interface Incoming {
  /** Bytes taken so far. */
  readonly size: number;
  /** Whether nobody else can bring a file of this name meanwhile. */
  readonly holdsName: boolean;
  /**
   * Takes bytes. Gives a promise when the caller should wait before it offers more.
   * @throws ContractError fileTooLarge, storageLimitExceeded for what can never fit; StorageFullError
   */
  write(chunk: Buffer): Promise<void> | undefined;
  /**
   * Makes the bytes durable, and a file of them: the one place where an upload becomes one. When it fails, `abort`.
   * @param key of the request that the file completes
   * @throws ContractError fileLimitExceeded, storageLimitExceeded; ForeignBytesError, StorageFullError
   */
  commit(key?: HeldKey): Promise<File>;
  /** Undoes everything. Does not throw: what cannot be undone now is undone later. */
  abort(): Promise<void>;
}

/** Bytes that may be a file's of elsewhere. */
export interface ImportableIncoming extends Incoming {
  /** @throws ContractError checksumMismatch, and whatever else */
  commit(key?: HeldKey, imported?: Imported): Promise<File>;
}

/** Bytes that come in several requests, between which the server may have been started anew. */
export interface ResumableIncoming extends Incoming {
  /**
   * Makes durable what was taken.
   * @returns bytes that are durable, from the first on
   * @throws StorageFullError
   */
  suspend(): Promise<number>;
  /** Told now and then, while bytes come in, how many are durable already, from the first on. */
  onDurable(told: (received: number) => void): void;
  /** Lets go without an end. What was not made durable is lost. */
  letGo(): Promise<void>;
  /**
   * After a failure: removes what was sent for it, where another server has it by now, or has ended it. Does not throw.
   * @returns whether another server has it, or has finished it
   */
  forsake(): Promise<boolean>;
}

/** Another server has taken the upload over, or may do so: this one was frozen or cut off. Whoever tries again finds one that is not. */
export function takenOver(): ContractError {
  return new ContractError('unavailable', { retryAfter: 5 });
}

/** The server is about to end: it takes no more, and ends what is under way. */
export function stopping(): ContractError {
  return new ContractError('unavailable', { retryAfter: 5, headers: { connection: 'close' } });
}
