import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppConfig } from '@app/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi, listen } from '../../../apps/api/src/api.setup.js';
import { Client } from '../../support/client.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { freePort } from '../../support/ports.js';
import { openProbe } from '../../support/probe.js';
import { type End, Server } from '../../support/server.js';
import { type ForeignKeys, type Moment, violations } from './checker.js';
import { Ledger, type UploadBook } from './ledger.js';
import { Recorder } from './recorder.js';
import { tally } from './report.js';
import { isDrained, readRemains, readWorld } from './world.js';

/** Milliseconds after which what is left to do counts as never done (I9): more than two retries of a roll-back. */
const DRAIN_MS = 15_000;
const LOOK_EVERY_MS = 10;

/** How to start a server that is to suffer. */
export interface Suffering {
  readonly failpoint?: string;
  /** Runs the server, with its arguments. */
  readonly wrapper?: readonly string[];
  readonly variables?: NodeJS.ProcessEnv;
}

/** A drive that outlives its servers, with the books that its clients keep. */
export class CrashDrive {
  server: Server | undefined;
  private app: NestFastifyApplication | undefined;

  private constructor(
    readonly environment: NodeJS.ProcessEnv,
    readonly ledger: Ledger,
    readonly people: Recorder[],
  ) {}

  /** A drive that was never started. */
  static async empty(settings: NodeJS.ProcessEnv = {}): Promise<CrashDrive> {
    const environment = await Server.environment({
      LOG_LEVEL: 'silent',
      DEFAULT_MAX_FILES: '100000',
      LINK_LIMIT: '1000000/1h',
      ...settings,
    });
    return new CrashDrive(environment, new Ledger(), []);
  }

  /** A fresh drive with accounts of these names, stopped. */
  static async create(usernames: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<CrashDrive> {
    const drive = await CrashDrive.empty(settings);
    await drive.admit(usernames);
    return drive;
  }

  /** Makes accounts of these names, with a server that is stopped again. */
  async admit(usernames: readonly string[]): Promise<void> {
    await this.recover();
    for (const username of usernames) await this.join(username);
    await this.stop();
  }

  /** Makes an account while a server runs. */
  async join(username: string): Promise<void> {
    const client = await new Client(this.url).signUp(username);
    this.ledger.accounts.set(username, 'acknowledged');
    this.people.push(new Recorder(client, this.ledger));
  }

  get settings(): AppConfig {
    return new AppConfig(this.environment);
  }

  get url(): string {
    return this.settings.publicUrl;
  }

  /** The directory of the uploads. */
  get uploads(): string {
    return join(this.environment.DATA_DIR!, 'uploads');
  }

  /** The same drive a second time, stopped, with books of its own. SQLite only. */
  async copy(): Promise<CrashDrive> {
    const dataDir = join(temporaryDirectory(), 'data');
    // Hard links stay hard links: by them a roll-back knows its own bytes.
    if (existsSync(this.environment.DATA_DIR!)) execFileSync('cp', ['-a', this.environment.DATA_DIR!, dataDir]);
    const environment = { ...this.environment, DATA_DIR: dataDir, PORT: String(await freePort()) };
    const ledger = Object.assign(new Ledger(), structuredClone(this.ledger));
    const copy = new CrashDrive(environment, ledger, []);
    for (const { client } of this.people) {
      copy.people.push(
        new Recorder(Object.assign(new Client(copy.url, client.token), { username: client.username }), ledger),
      );
    }
    return copy;
  }

  /** Starts the built server as a process. @returns how it ended, if it did before it listened */
  async start({ failpoint = '', wrapper = [], variables = {} }: Suffering = {}): Promise<End | undefined> {
    this.server = Server.spawn({ ...this.environment, FAILPOINT: failpoint, ...variables }, wrapper);
    return this.server.listening().then(
      () => undefined,
      () => this.server!.ended,
    );
  }

  /** Starts the server within this process, which is quick: to see what recovery makes of the remains. */
  async recover(): Promise<void> {
    const config = new AppConfig(this.environment);
    this.server = undefined;
    this.app = await createApi(config);
    await listen(this.app, config);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<End | undefined> {
    const { app, server } = this;
    this.app = this.server = undefined;
    await app?.close();
    return server?.kill(signal);
  }

  /** Lets the time of an upload be over: the server ends it when it looks next, at the latest when it starts. */
  async expire(book: UploadBook): Promise<void> {
    const probe = await openProbe(this.settings);
    await probe.run('UPDATE uploads SET expiresAt = 1 WHERE id = ?', [book.id]);
    await probe.close();
    book.end = 'due';
  }

  /** Whether the server still answers. */
  async isAlive(): Promise<boolean> {
    return new Client(this.url).get('/api/health').then(
      () => true,
      () => false,
    );
  }

  /** Resolves once nothing is left to do. @returns false when the server has ended before */
  async drained(): Promise<boolean> {
    const server = { ended: false };
    void this.server?.ended.then(() => (server.ended = true));
    for (const deadline = Date.now() + DRAIN_MS; Date.now() < deadline && !server.ended; await delay(LOOK_EVERY_MS)) {
      if (await isDrained(this.environment)) return true;
    }
    return !server.ended;
  }

  /** @throws Error naming each promise that the remains of a dead server break. Looks at SQLite only. */
  async assertTrueInDeath(context: string, foreign?: ForeignKeys): Promise<void> {
    if (this.environment.DATABASE_URL || !existsSync(join(this.uploads, '.tmp'))) return;
    this.judge(
      violations(await readRemains(this.environment.DATA_DIR!), this.ledger, 'death', foreign),
      'death',
      context,
    );
  }

  /** Waits until nothing is left to do and closes the books. @throws Error naming each promise that the drive breaks */
  async assertTrueAtRest(context: string, foreign?: ForeignKeys): Promise<void> {
    if (!(await this.drained())) throw new Error(`The server has ended by itself: ${context}\n${this.server?.output}`);
    const world = await readWorld(this.environment);
    this.judge(violations(world, this.ledger, 'rest', foreign), 'rest', context);
    const live = world.files.filter(({ state }) => state === 'live');
    this.ledger.close(
      new Map(live.map((file) => [file.sha256, { id: file.id, public: file.public === 1 }])),
      new Set(world.uploads.filter(({ reserved }) => reserved !== null).map(({ id }) => id)),
    );
  }

  async destroy(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(dirname(this.environment.DATA_DIR!), { recursive: true, force: true });
  }

  private judge(found: string[], moment: Moment, context: string): void {
    tally.checks += 1;
    tally.violations += found.length;
    if (found.length > 0) throw new Error(`Broken at ${moment}, ${context}:\n${found.join('\n')}`);
  }
}
