import type { StorageService } from './storage.service.js';

/** What an upload of this drive has left in the storage, and what may belong to a record all the same. */
export interface Remnant {
  /** Of the file that it was to become. */
  readonly key: string;
  /** Whether it is not published: then only a record that is pending can claim it. */
  readonly isUnfinished: boolean;
  /** Removes it, if it is still the same. */
  discard(): Promise<void>;
}

/**
 * A storage where a request that was given up may still be carried out, later than its upload was rolled back. An optional
 * ability.
 */
export interface SweptStorage {
  /**
   * Everything that uploads made before a moment, some hundred at a time. What others put there is none of it.
   * @param before milliseconds since 1970
   */
  remnants(before: number): AsyncIterable<Remnant[]>;
}

export function isSwept(storage: StorageService): storage is StorageService & SweptStorage {
  return 'remnants' in storage;
}
