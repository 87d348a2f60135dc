import { join } from 'node:path';
import { AppConfig, type StorageTarget } from '@app/config';
import { Module } from '@nestjs/common';
import { AllQuarantines } from './all-quarantines.js';
import { AllDrivers, type Drivers } from './drivers.js';
import { LocalInventory } from './local/local-inventory.js';
import { LocalQuarantine } from './local/local-quarantine.js';
import { LocalStorageService } from './local/local-storage.service.js';
import { Quarantine } from './quarantine.js';
import { Storages } from './storages.js';

/** The client of S3 is loaded only where it is used: it is large. */
async function driversOf(target: StorageTarget, dataDir: string): Promise<Drivers> {
  if (target !== 'disk') return (await import('./s3/s3-drivers.js')).openBucket(target);
  const uploads = join(dataDir, 'uploads');
  return {
    storage: new LocalStorageService(uploads),
    inventory: new LocalInventory(uploads),
    quarantine: new LocalQuarantine(join(dataDir, 'quarantine'), uploads),
  };
}

/** The drivers of the storage that takes new files. */
export function openDrivers({ dataDir, storageUrl }: AppConfig): Promise<Drivers> {
  return driversOf(storageUrl ?? 'disk', dataDir);
}

async function openAll(config: AppConfig): Promise<AllDrivers> {
  const current = await openDrivers(config);
  const { storageFormer, dataDir } = config;
  return new AllDrivers(storageFormer ? [current, await driversOf(storageFormer, dataDir)] : [current]);
}

function storagesOf({ all }: AllDrivers): Storages {
  const [current, former] = all.map(({ storage }) => storage);
  return new Storages(current!, former);
}

function quarantineOf({ all }: AllDrivers): Quarantine {
  const quarantines = all.map(({ quarantine }) => quarantine);
  return quarantines.length === 1 ? quarantines[0]! : new AllQuarantines(quarantines);
}

@Module({
  providers: [
    { provide: AllDrivers, inject: [AppConfig], useFactory: openAll },
    { provide: Storages, inject: [AllDrivers], useFactory: storagesOf },
    { provide: Quarantine, inject: [AllDrivers], useFactory: quarantineOf },
  ],
  exports: [AllDrivers, Quarantine, Storages],
})
export class StorageModule {}
