import type { BlobReader } from './storage.service.js';

export interface QuarantinedBlob {
  /** `<date>/<key>`: on the disk `<date>/<owner>/<name>`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Where bytes are kept that belong to no record: out of the way of uploads, and destroyed by nobody but people.
 * For whoever holds the data directory's lock.
 */
export abstract class Quarantine {
  /**
   * Moves a blob from its key into the quarantine, durably, replacing nothing.
   * @param date as the directory is to be called, e.g. `2026-11-24`
   * @returns its path in the quarantine
   */
  abstract take(key: string, date: string): Promise<string>;

  abstract list(): AsyncIterable<QuarantinedBlob>;

  /** @throws BlobMissingError */
  abstract open(path: string): Promise<BlobReader>;

  /** Removes what has become a file again. */
  abstract discard(path: string): Promise<void>;
}
