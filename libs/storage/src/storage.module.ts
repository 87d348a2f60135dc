import { join } from 'node:path';
import { AppConfig } from '@app/config';
import { Module } from '@nestjs/common';
import { LocalStorageService } from './local/local-storage.service.js';
import { StorageService } from './storage.service.js';

@Module({
  providers: [
    {
      provide: StorageService,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new LocalStorageService(join(config.dataDir, 'uploads')),
    },
  ],
  exports: [StorageService],
})
export class StorageModule {}
