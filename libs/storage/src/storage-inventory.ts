/** What a look at some bytes tells. Another version means that other bytes may lie there now. */
export interface BlobLook {
  /** Bytes. */
  readonly size: number;
  readonly version: string;
}

/** Something that lies in the storage. */
export interface InventoryEntry {
  /** Of a blob, as its record has it; of anything else, where it lies in the storage. */
  readonly key: string;
  /** Whether it can be a blob of ours at all: a plain file, at a place and under a name that a key can have. */
  readonly isBlob: boolean;
}

/**
 * What is there, whoever put it there: the storage looked at from outside, for the check. Reads only, and holds no lock:
 * whatever it tells may be out of date by the time it is told.
 */
export abstract class StorageInventory {
  /** Everything but the storage's own files and its unpublished uploads, some hundred entries at a time, in no order. */
  abstract entries(): AsyncIterable<InventoryEntry[]>;

  /** @returns undefined where there is no plain file at the key */
  abstract look(key: string): Promise<BlobLook | undefined>;

  /** Whether bytes that are staged for this key may stand at it by now: their record comes last. */
  async isStaged(_key: string): Promise<boolean> {
    return false;
  }

  /** Names of unpublished uploads; a name is the upload's id. */
  abstract uploads(): AsyncIterable<string[]>;

  /** @returns undefined where there is no such unpublished upload */
  abstract lookAtUpload(name: string): Promise<BlobLook | undefined>;
}
