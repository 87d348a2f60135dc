import { join } from 'node:path';
import { AppConfig } from '@app/config';
import { Module } from '@nestjs/common';
import { LocalInventory } from './local/local-inventory.js';
import { LocalQuarantine } from './local/local-quarantine.js';
import { LocalStorageService } from './local/local-storage.service.js';
import { Quarantine } from './quarantine.js';
import { StorageInventory } from './storage-inventory.js';
import { Storages } from './storages.js';

const uploads = ({ dataDir }: AppConfig) => join(dataDir, 'uploads');
const quarantine = ({ dataDir }: AppConfig) => join(dataDir, 'quarantine');

@Module({
  providers: [
    {
      provide: Storages,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new Storages(new LocalStorageService(uploads(config))),
    },
    {
      provide: StorageInventory,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new LocalInventory(uploads(config)),
    },
    {
      provide: Quarantine,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new LocalQuarantine(quarantine(config), uploads(config)),
    },
  ],
  exports: [Quarantine, StorageInventory, Storages],
})
export class StorageModule {}
