import { join } from 'node:path';
import { AppConfig } from '@app/config';
import { Module } from '@nestjs/common';
import { LocalInventory } from './local/local-inventory.js';
import { LocalQuarantine } from './local/local-quarantine.js';
import { LocalStorageService } from './local/local-storage.service.js';
import { Quarantine } from './quarantine.js';
import { StorageInventory } from './storage-inventory.js';
import type { StorageService } from './storage.service.js';
import { Storages } from './storages.js';

/** What a storage is to the rest. */
interface Drivers {
  readonly storage: StorageService;
  readonly inventory: StorageInventory;
  readonly quarantine: Quarantine;
}

const DRIVERS = Symbol('The drivers of the storage that takes new files');

/** The client of S3 is loaded only where it is used: it is large. */
export async function openDrivers({ dataDir, storageUrl }: AppConfig): Promise<Drivers> {
  if (storageUrl) return (await import('./s3/s3-drivers.js')).openBucket(storageUrl);
  const uploads = join(dataDir, 'uploads');
  return {
    storage: new LocalStorageService(uploads),
    inventory: new LocalInventory(uploads),
    quarantine: new LocalQuarantine(join(dataDir, 'quarantine'), uploads),
  };
}

@Module({
  providers: [
    { provide: DRIVERS, inject: [AppConfig], useFactory: openDrivers },
    { provide: Storages, inject: [DRIVERS], useFactory: ({ storage }: Drivers) => new Storages(storage) },
    { provide: StorageInventory, inject: [DRIVERS], useFactory: ({ inventory }: Drivers) => inventory },
    { provide: Quarantine, inject: [DRIVERS], useFactory: ({ quarantine }: Drivers) => quarantine },
  ],
  exports: [Quarantine, StorageInventory, Storages],
})
export class StorageModule {}
