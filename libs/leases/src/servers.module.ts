import { createSecretKey } from 'node:crypto';
import { AppConfig } from '@app/config';
import { readOrCreateSecret, ServerLease } from '@app/data-directory';
import { UnitOfWork } from '@app/database';
import { OwnThrottles, Throttles } from '@app/http';
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LeasedServers } from './leased-servers.js';
import { ServerRows } from './server-rows.js';
import { Servers } from './servers.js';
import { SharedThrottles } from './shared-throttles.js';
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

/** In memory where one server is alone. Else names and addresses are hidden by the secret that all servers were given alike. */
function openThrottles({ jwtSecret, dataDir }: AppConfig, { areShared }: Servers, units: UnitOfWork): Throttles {
  if (!areShared) return new OwnThrottles();
  return new SharedThrottles(units, createSecretKey(Buffer.from(jwtSecret ?? readOrCreateSecret(dataDir))));
}

const throttles = { provide: Throttles, inject: [AppConfig, Servers, UnitOfWork], useFactory: openThrottles };

/** Offers `Servers`, and `Throttles` that they share, to every module. */
@Global()
@Module({ providers: [servers, throttles], exports: [servers, throttles] })
export class ServersModule {}
