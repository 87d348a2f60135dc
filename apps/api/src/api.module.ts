import { AccountsModule, AuthGuard, RequestKeyGuard, RolesGuard } from '@app/accounts';
import { AppConfig, ConfigModule } from '@app/config';
import type { DataDirectoryLock } from '@app/data-directory';
import { DatabaseModule } from '@app/database';
import { FilesModule, FilesServer } from '@app/files';
import { SharingModule } from '@app/sharing';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ErrorFilter } from './error.filter.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { createValidationPipe } from './validation.js';
import { Page } from './web/page.js';

const LOCK = Symbol('lock');

/** The API server: the libraries, closed by default, and the lock that makes it the only one on its data directory. */
@Module({})
export class ApiModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly files: FilesServer,
    @Inject(LOCK) private readonly lock: DataDirectoryLock,
  ) {}

  static of(config: AppConfig, lock: DataDirectoryLock): DynamicModule {
    return {
      module: ApiModule,
      imports: [ConfigModule.of(config), DatabaseModule, AccountsModule, FilesModule, SharingModule],
      controllers: [HealthController],
      providers: [
        HealthService,
        Page,
        { provide: LOCK, useValue: lock },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_GUARD, useClass: RolesGuard },
        // After whoever asks who makes the request, before those that look at ids and owners.
        { provide: APP_GUARD, useClass: RequestKeyGuard },
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_PIPE, useFactory: createValidationPipe },
      ],
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.files.stop();
  }

  onApplicationShutdown(): void {
    this.lock.release();
  }
}
