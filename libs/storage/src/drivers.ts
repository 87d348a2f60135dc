import type { Quarantine } from './quarantine.js';
import type { StorageInventory } from './storage-inventory.js';
import type { StorageService } from './storage.service.js';

/** What a storage is to the rest. */
export interface Drivers {
  readonly storage: StorageService;
  readonly inventory: StorageInventory;
  readonly quarantine: Quarantine;
}

/** The storages that this process can reach, with all that can be done with them: the current one first. */
export class AllDrivers {
  constructor(readonly all: readonly Drivers[]) {}

  /** Those of the storage that a record names; undefined where it is none of these. */
  of(storageId: string): Drivers | undefined {
    return this.all.find(({ storage }) => storage.id === storageId);
  }
}
