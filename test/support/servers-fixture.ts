import { afterEach } from 'vitest';
import { Server } from './server.js';

interface ServersFixture {
  /** A server, which may end by itself. */
  spawn(environment: NodeJS.ProcessEnv): Server;
  /** A server that listens. */
  start(environment: NodeJS.ProcessEnv): Promise<Server>;
}

/** Servers as processes of their own, for tests that start several: with each test they are gone. */
export function serversFixture(): ServersFixture {
  const servers: Server[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.kill())));
  const spawn = (environment: NodeJS.ProcessEnv) => {
    const server = Server.spawn(environment);
    servers.push(server);
    return server;
  };
  return {
    spawn,
    async start(environment) {
      const server = spawn(environment);
      await server.listening();
      return server;
    },
  };
}
