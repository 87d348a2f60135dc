import { AppConfig } from '@app/config';
import { ServerLease } from '@app/data-directory';
import { UnitOfWork } from '@app/database';
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LeasedServers } from './leased-servers.js';
import { ServerRows } from './server-rows.js';
import { Servers } from './servers.js';
import { SoleServer } from './sole-server.js';

/** The servers of a drive, as this process sees them. It has no lease yet. */
export function openServers(config: AppConfig, lease: ServerLease, dataSource: DataSource, units: UnitOfWork): Servers {
  return config.databaseUrl
    ? new LeasedServers(config, lease, new ServerRows(dataSource, units))
    : new SoleServer(lease);
}

const servers = {
  provide: Servers,
  inject: [AppConfig, ServerLease, DataSource, UnitOfWork],
  useFactory: openServers,
};

/** Offers `Servers` to every module. */
@Global()
@Module({ providers: [servers], exports: [servers] })
export class ServersModule {}
