import { StorageAbsentError } from './storage-errors.js';
import { LocalStorageService } from './local/local-storage.service.js';
import type { StorageService } from './storage.service.js';

/** The storages that this process can reach. A record says in which of them its bytes are, and only that one is asked. */
export class Storages {
  /** @param current takes the bytes of new files */
  constructor(readonly current: StorageService) {}

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
    throw new StorageAbsentError(`The storage ${id} is not here`);
  }
}
