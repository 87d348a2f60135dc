import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { findCommand } from './engines.js';
import { freePort } from './ports.js';

const USER = 'drive';
/** Of a server that only listens on loopback and lives as long as a test; with characters that a URL must escape. */
const PASSWORD = 'p@ss/w:rd';
const START_MS = 30_000;

/**
 * The server as a child of a shell that lives as long as its standard input is open: when the test process ends, even
 * by `kill -9`, the pipe closes and the server goes with it.
 */
const KEEPER = '"$@" & cat >/dev/null; kill -9 $!; wait';

/** A private MariaDB server on a free loopback port, in a directory of its own. */
export class MariaDb {
  private keeper: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly options: readonly string[],
  ) {}

  /** Starts one, in about a second and a half. @param options further ones for mariadbd, e.g. `--sql-mode=` */
  static async start(...options: string[]): Promise<MariaDb> {
    const directory = mkdtempSync(join(tmpdir(), 'mariadb-'));
    const server = new MariaDb(directory, await freePort(), options);
    try {
      server.install();
      await server.restart();
      await server.asRoot(`CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
      await server.asRoot(`GRANT ALL ON *.* TO ${USER}@'127.0.0.1'`);
    } catch (error) {
      const log = readFileSync(join(directory, 'log'), 'utf8');
      await server.stop();
      throw new Error(`MariaDB does not start:\n${log}`, { cause: error });
    }
    return server;
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

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    const keeper = this.keeper;
    if (!keeper) return;
    this.keeper = undefined;
    const gone = once(keeper, 'exit');
    keeper.stdin!.end();
    await gone;
  }

  /** Starts the server that was killed, on the same port; resolves when it answers. */
  async restart(): Promise<void> {
    const log = openSync(join(this.directory, 'log'), 'a');
    this.keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', findCommand('mariadbd')!, ...this.serverOptions()], {
      stdio: ['pipe', log, log],
    });
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

  private install(): void {
    mkdirSync(join(this.directory, 'tmp'));
    const { status, stdout, stderr } = spawnSync(
      findCommand('mariadb-install-db')!,
      ['--no-defaults', ...this.commonOptions(), '--auth-root-authentication-method=normal', '--skip-test-db'],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`mariadb-install-db fails:\n${stdout}${stderr}`);
  }

  private commonOptions(): string[] {
    return [`--user=${userInfo().username}`, `--datadir=${join(this.directory, 'data')}`, '--skip-name-resolve'];
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
      ...this.options,
    ];
  }
}
