import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '../../support/client.js';
import { Server } from '../../support/server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

/** Milliseconds in which a server that is started again and again must be ready, once all it needs is there. */
const RISE_MS = 90_000;
const AGAIN_MS = 500;
/** Milliseconds in which a look at a server is answered. */
const LOOK_MS = 5_000;

/** One of several servers of a drive, with lines of its own to the database and to the store, which can be cut. */
export class Member {
  private server: Server | undefined;
  /** Whether it came so far; it may have ended since. */
  private listens: Promise<boolean> = Promise.resolve(false);
  private former = '';
  /** For each time that it ended without being told to: its last words. */
  readonly endings: string[] = [];

  private constructor(
    readonly environment: NodeJS.ProcessEnv,
    readonly toDatabase: TcpProxy,
    readonly toStore: TcpProxy,
  ) {}

  /** One that is not started yet. */
  static async prepare(settings: NodeJS.ProcessEnv): Promise<Member> {
    const database = new URL(settings.DATABASE_URL!);
    const store = new URL(settings.STORAGE_URL!);
    const toDatabase = await TcpProxy.start(Number(database.port));
    const toStore = await TcpProxy.start(Number(store.port));
    database.port = String(toDatabase.port);
    store.port = String(toStore.port);
    const environment = await Server.environment({ ...settings, DATABASE_URL: database.href, STORAGE_URL: store.href });
    return new Member(environment, toDatabase, toStore);
  }

  get port(): number {
    return Number(this.environment.PORT);
  }

  /** What it has written, with the times at which it was started. */
  get output(): string {
    return this.former + (this.server?.output ?? '');
  }

  /** Starts it until it stays, as a supervisor would. @throws Error when it does not */
  async rise(): Promise<void> {
    for (const deadline = Date.now() + RISE_MS; ; await delay(AGAIN_MS)) {
      if (this.hasEnded()) {
        if (this.server) this.endings.push(lastWords(this.server));
        this.former = `${this.output}--- started at ${new Date().toISOString()}\n`;
        this.server = Server.spawn(this.environment);
        this.listens = this.server.listening().then(
          () => true,
          () => false,
        );
      }
      if ((await this.listens) && (await this.isReady())) return;
      if (Date.now() > deadline) throw new Error(`A server does not become ready:\n${this.output.slice(-3_000)}`);
    }
  }

  async isReady(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.port}/api/health/ready`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(LOOK_MS) }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.status === 200;
  }

  signal(signal: NodeJS.Signals): void {
    this.server?.process.kill(signal);
  }

  /** Ends it. `SIGTERM` lets it end what it is at, in its own time. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const { server } = this;
    if (!this.hasEnded()) await server?.kill(signal);
    this.former = this.output;
    this.server = undefined;
  }

  async destroy(): Promise<void> {
    await this.end();
    await Promise.all([this.toDatabase.close(), this.toStore.close()]);
  }

  client(): Client {
    return new Client(`http://127.0.0.1:${this.port}`);
  }

  private hasEnded(): boolean {
    return !this.server || this.server.process.exitCode !== null || this.server.process.signalCode !== null;
  }
}

/** How a server ended, and the line of its output that says why: what follows an error's sentence is its stack. */
function lastWords({ output, process }: Server): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^ {4}at |^Node\.js v/.test(line));
  return `${process.signalCode ?? process.exitCode}: ${lines.at(-1)?.slice(0, 500) ?? 'it said nothing'}`;
}
