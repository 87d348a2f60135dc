import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { temporaryDirectory } from './temporary-directory.js';
import { Server } from './server.js';

interface ServersFixture {
  /** For a drive of its own. @param settings environment variables beside those that keep it to itself */
  environment(settings?: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv>;
  ownDirectory(): string;
  /** A server, which may end by itself. */
  spawn(environment: NodeJS.ProcessEnv): Server;
  /** A server that listens. */
  start(environment: NodeJS.ProcessEnv): Promise<Server>;
}

/** Servers as processes of their own, and directories, for tests that start several: with each test they are gone. */
export function serversFixture(): ServersFixture {
  const servers: Server[] = [];
  const directories: string[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  const spawn = (environment: NodeJS.ProcessEnv) => {
    const server = Server.spawn(environment);
    servers.push(server);
    return server;
  };
  return {
    async environment(settings = {}) {
      const environment = await Server.environment(settings);
      directories.push(join(environment.DATA_DIR!, '..'));
      return environment;
    },
    ownDirectory() {
      directories.push(temporaryDirectory());
      return directories.at(-1)!;
    },
    spawn,
    async start(environment) {
      const server = spawn(environment);
      await server.listening();
      return server;
    },
  };
}
