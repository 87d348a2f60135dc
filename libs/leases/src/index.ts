export { LIVING_SERVERS } from './server-rows.js';
export { DriveServedError, type KnownServer, Servers } from './servers.js';
export { openServers, ServersModule } from './servers.module.js';
export { SharedThrottles } from './shared-throttles.js';
export { ThrottleSweep } from './throttle-sweep.js';
