import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { findCommand } from './engines.js';
import { KeptProcess } from './kept-process.js';
import { freePort } from './ports.js';

const USER = 'drive';
/** Of a server that only listens on loopback and lives as long as a test; with characters that a URL must escape. */
const PASSWORD = 'p@ss/w:rd';
const START_MS = 60_000;
const SHUT_DOWN_MS = 15_000;

/** What a server is given beside what each has. */
export interface MariaDbTerms {
  /** Further options for mariadbd. */
  readonly options: readonly string[];
  /** As whom it runs; whoever runs the tests if not told. */
  readonly user?: string;
  /** A program that runs it, with its arguments. */
  readonly wrapper?: readonly string[];
}

/** A private MariaDB server on a free loopback port, in a directory of its own. */
export class MariaDb {
  process: KeptProcess | undefined;

  private constructor(
    readonly directory: string,
    readonly port: number,
    private readonly terms: MariaDbTerms,
  ) {}

  /** Starts one, in about a second and a half. @param options further ones for mariadbd, e.g. `--sql-mode=` */
  static async start(...options: string[]): Promise<MariaDb> {
    return MariaDb.run({ options });
  }

  static async run(terms: MariaDbTerms): Promise<MariaDb> {
    const server = await MariaDb.prepare(terms);
    server.install();
    await server.begin();
    return server;
  }

  /** One that is not started yet and has no data. */
  static async prepare(terms: MariaDbTerms): Promise<MariaDb> {
    return new MariaDb(mkdtempSync(join(tmpdir(), 'mariadb-')), await freePort(), terms);
  }

  /** Starts it for the first time, with its data. @param once options of this start only */
  async begin(...once: string[]): Promise<void> {
    try {
      await this.restart(...once);
      await this.asRoot(`CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
      await this.asRoot(`GRANT ALL ON *.* TO ${USER}@'127.0.0.1'`);
    } catch (error) {
      const log = readFileSync(join(this.directory, 'log'), 'utf8');
      await this.stop();
      throw new Error(`MariaDB does not start:\n${log}`, { cause: error });
    }
  }

  /** What `DATABASE_URL` is to be for one of its databases. */
  url(database: string): string {
    return `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes an empty database; gives its URL. */
  async createDatabase(): Promise<string> {
    const name = `d${randomBytes(8).toString('hex')}`;
    await this.asRoot(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  async asRoot(sql: string): Promise<void> {
    const connection = await createConnection({ socketPath: this.socket, user: 'root' });
    try {
      await connection.query(sql);
    } finally {
      await connection.end();
    }
  }

  /** What the server is asked as its administrator, on a connection of its own. */
  async rowsAsRoot(sql: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({ socketPath: this.socket, user: 'root', connectTimeout: 2_000 });
    try {
      return (await connection.query<RowDataPacket[]>({ sql, timeout: 3_000 }))[0];
    } finally {
      connection.destroy();
    }
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    await process?.kill();
  }

  /** Lets it end in its own time. */
  async shutDown(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    process?.signal('SIGTERM');
    await process?.ended(SHUT_DOWN_MS);
    await process?.kill();
  }

  /** Starts the server that was killed, on the same port; resolves when it answers. */
  async restart(...once: string[]): Promise<void> {
    const log = openSync(join(this.directory, 'log'), 'a');
    const { wrapper = [] } = this.terms;
    this.process = await KeptProcess.start(log, [
      ...wrapper,
      findCommand('mariadbd')!,
      ...this.serverOptions(),
      ...once,
    ]);
    for (const deadline = Date.now() + START_MS; ; await delay(20)) {
      try {
        return await this.asRoot('DO 1');
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  /** Ends the server and removes what it wrote. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get socket(): string {
    return join(this.directory, 'socket');
  }

  /** Makes its data, or takes those of one that was never started. */
  install(from?: MariaDb): void {
    mkdirSync(join(this.directory, 'tmp'));
    if (from) cpSync(join(from.directory, 'data'), join(this.directory, 'data'), { recursive: true });
    const { user } = this.terms;
    if (user) execFileSync('chown', ['-R', `${user}:`, this.directory]);
    if (from) return;
    const { status, stdout, stderr } = spawnSync(
      findCommand('mariadb-install-db')!,
      ['--no-defaults', ...this.commonOptions(), '--auth-root-authentication-method=normal', '--skip-test-db'],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`mariadb-install-db fails:\n${stdout}${stderr}`);
  }

  private commonOptions(): string[] {
    return [
      `--user=${this.terms.user ?? userInfo().username}`,
      `--datadir=${join(this.directory, 'data')}`,
      '--skip-name-resolve',
    ];
  }

  /** As an admin would run it, only smaller; durability included. */
  private serverOptions(): string[] {
    return [
      '--no-defaults',
      ...this.commonOptions(),
      `--socket=${this.socket}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      `--pid-file=${join(this.directory, 'pid')}`,
      `--tmpdir=${join(this.directory, 'tmp')}`,
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-buffer-pool-size=64M',
      '--innodb-log-file-size=32M',
      '--performance-schema=OFF',
      ...this.terms.options,
    ];
  }
}
