import { StorageAbsentError } from './storage-errors.js';
import { LocalStorageService } from './local/local-storage.service.js';
import type { StorageService } from './storage.service.js';

/** The storages that this process can reach. A record says in which of them its bytes are, and only that one is asked. */
export class Storages {
  /** All of them, the current one first. */
  readonly all: readonly StorageService[];

  /**
   * @param current takes the bytes of new files
   * @param former where the drive comes from, while it moves: its files are still served, and new ones go elsewhere
   */
  constructor(
    readonly current: StorageService,
    readonly former?: StorageService,
  ) {
    this.all = former ? [current, former] : [current];
  }

  /** Those of a drive that lies somewhere else, to read its bytes. @param uploads its directory of them */
  static at(uploads: string): Storages {
    return new Storages(new LocalStorageService(uploads));
  }

  /**
   * The storage that a record names.
   * @throws StorageAbsentError when it is none of these
   */
  of(id: string): StorageService {
    if (id === this.current.id) return this.current;
    if (id === this.former?.id) return this.former;
    throw new StorageAbsentError(`The storage ${id} is not here`);
  }
}
