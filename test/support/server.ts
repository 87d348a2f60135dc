import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppConfig } from '@app/config';
import { Client } from './client.js';
import { temporaryDirectory } from './temporary-directory.js';
import { freePort } from './ports.js';
import { databaseForTest } from './probe.js';
import { storageForTest } from './store.js';

/** The built server, or another build of it that the environment names. */
export const MAIN = process.env.DEFDRIVE_MAIN ?? join(import.meta.dirname, '../../dist/server/main.js');

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built server as a process of its own, which can be killed. */
export class Server {
  output = '';

  private constructor(
    readonly environment: NodeJS.ProcessEnv,
    readonly process: ChildProcess,
    readonly ended: Promise<End>,
  ) {
    for (const stream of [process.stdout!, process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** An environment for a drive of its own, which outlives its processes. */
  static async environment(settings: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
    const port = await freePort();
    return {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: join(temporaryDirectory(), 'data'),
      SIGNUP_LIMIT: '1000/1h',
      ...(await databaseForTest()),
      ...(await storageForTest()),
      ...settings,
    };
  }

  /**
   * Starts the server. It may end by itself: see `ended`.
   * @param wrapper a program that runs it, with its arguments, such as strace
   */
  static spawn(environment: NodeJS.ProcessEnv, wrapper: readonly string[] = []): Server {
    const { DEFDRIVE_MAIN: main = MAIN } = environment;
    if (!existsSync(main)) throw new Error('There is no build: run `npm run build` first');
    const [command = process.execPath, ...args] = [...wrapper, process.execPath, main];
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as End);
    return new Server(environment, child, ended);
  }

  /** Starts the server and waits until it listens. */
  static async start(environment: NodeJS.ProcessEnv, wrapper: readonly string[] = []): Promise<Server> {
    const server = Server.spawn(environment, wrapper);
    await server.listening();
    return server;
  }

  get config(): AppConfig {
    return new AppConfig(this.environment);
  }

  get client(): Client {
    return new Client(this.config.publicUrl);
  }

  async listening(): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      const look = () => this.output.includes('Swagger UI is at') && resolve();
      this.process.stdout!.on('data', look);
      look();
    });
    const end = await Promise.race([ready, this.ended]);
    if (end) throw new Error(`The server ended (${end.code ?? end.signal}) before it listened:\n${this.output}`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<End> {
    this.process.kill(signal);
    return this.ended;
  }
}
