import { randomBytes } from 'node:crypto';
import { AccountsModule } from '@app/accounts';
import { AppConfig, ConfigModule } from '@app/config';
import { LeaseModule, ServerLease } from '@app/data-directory';
import { DatabaseModule } from '@app/database';
import { ServersModule } from '@app/leases';
import { IntegrityModule } from '@app/integrity';
import { AdminLinksModule } from '@app/sharing';
import { type DynamicModule, Module } from '@nestjs/common';

/** The libraries of the drive, for a program beside the server: nothing is made, nothing is started. */
@Module({})
export class DriveModule {
  static of(config: AppConfig, lease: ServerLease): DynamicModule {
    return {
      module: DriveModule,
      imports: [
        ConfigModule.of(withoutSecret(config)),
        LeaseModule.of(lease),
        DatabaseModule.existing(),
        ServersModule,
        AccountsModule,
        AdminLinksModule,
        IntegrityModule,
      ],
    };
  }
}

/** No token is made or read here, so the server's secret is neither read nor, in a wrong directory, made. */
function withoutSecret(config: AppConfig): AppConfig {
  return Object.create(config, { jwtSecret: { value: randomBytes(48).toString('base64url') } });
}
