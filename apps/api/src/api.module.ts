import { AccountsModule, AuthGuard, RequestKeyGuard, RolesGuard } from '@app/accounts';
import { AppConfig, ConfigModule } from '@app/config';
import { LeaseModule, ServerLease } from '@app/data-directory';
import { DatabaseModule } from '@app/database';
import { FilesHttpModule, FilesServerModule } from '@app/files';
import { ServersModule } from '@app/leases';
import { IntegrityServerModule } from '@app/integrity';
import { SharingModule } from '@app/sharing';
import { StorageModule } from '@app/storage';
import type { Metrics } from '@app/telemetry';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import type { AuditTrail } from './audit/audit-trail.js';
import { METRICS, MetricsController } from './metrics/metrics.controller.js';
import { Readings } from './metrics/readings.js';
import { ErrorFilter } from './error.filter.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { Maintenance } from './maintenance/maintenance.js';
import { MaintenanceGuard } from './maintenance/maintenance.guard.js';
import { createValidationPipe } from './validation.js';
import { Page } from './web/page.js';

/** What every request meets. */
const EVERYWHERE: Provider[] = [
  { provide: APP_GUARD, useClass: AuthGuard },
  { provide: APP_GUARD, useClass: RolesGuard },
  { provide: APP_GUARD, useClass: MaintenanceGuard },
  // After whoever asks who makes the request, before those that look at ids and owners.
  { provide: APP_GUARD, useClass: RequestKeyGuard },
  { provide: APP_FILTER, useClass: ErrorFilter },
  { provide: APP_PIPE, useFactory: createValidationPipe },
];

/** Who is told what happens. */
interface Told {
  readonly metrics?: Metrics | undefined;
  readonly trail?: AuditTrail | undefined;
}

const TRAIL = Symbol('audit trail');

const toldOf = ({ metrics, trail }: Told): Provider[] => [
  { provide: METRICS, useValue: metrics },
  { provide: TRAIL, useValue: trail },
];

/** The API server: the libraries, closed by default, and the lease that makes it the only one on its data directory. */
@Module({})
export class ApiModule implements OnApplicationShutdown {
  constructor(
    private readonly lease: ServerLease,
    @Inject(TRAIL) private readonly trail: AuditTrail | undefined,
  ) {}

  static of(config: AppConfig, lease: ServerLease, told: Told = {}): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ConfigModule.of(config),
        LeaseModule.of(lease),
        DatabaseModule,
        ServersModule,
        AccountsModule,
        FilesHttpModule,
        FilesServerModule,
        IntegrityServerModule,
        SharingModule,
        StorageModule,
      ],
      controllers: [HealthController, MetricsController],
      providers: [HealthService, Maintenance, Page, Readings, ...toldOf(told), ...EVERYWHERE],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    this.trail?.close();
    await this.lease.release();
  }
}
