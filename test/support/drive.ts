import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfig } from '@app/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi, listen } from '../../apps/api/src/api.setup.js';
import { Client } from './client.js';
import { databaseForTest, openProbe, type Probe } from './probe.js';

/** A blob as it lies on the disk. */
export interface DiskBlob {
  /** `<owner>/<name>` */
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A directory that is a test's own. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'defdrive-'));
}

/** The blobs below a data directory, by key. What is not published does not count. */
export function blobsIn(dataDir: string): DiskBlob[] {
  const root = join(dataDir, 'uploads');
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name: owner }) => readdirSync(join(root, owner)).map((name) => ({ owner, name })))
    .map(({ owner, name }) => {
      const bytes = readFileSync(join(root, owner, name));
      return { key: `${owner}/${name}`, size: bytes.length, sha256: sha256(bytes) };
    })
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A whole drive for a test: the real application on a real socket, database and disk, and a look at them from outside. */
export class Drive {
  private constructor(
    readonly config: AppConfig,
    readonly app: NestFastifyApplication,
    /** The database, from outside. */
    readonly probe: Probe,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @param settings environment variables beside those that keep the drive to itself */
  static async start(settings: NodeJS.ProcessEnv = {}): Promise<Drive> {
    const port = await freePort();
    return Drive.open({
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: join(temporaryDirectory(), 'data'),
      LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
      DEFAULT_MAX_FILES: '1000',
      SIGNUP_LIMIT: '1000/1h',
      ...(await databaseForTest()),
      ...settings,
    });
  }

  private static async open(environment: NodeJS.ProcessEnv): Promise<Drive> {
    const config = new AppConfig(environment);
    const app = await createApi(config);
    await listen(app, config);
    return new Drive(config, app, await openProbe(config), environment);
  }

  get url(): string {
    return this.config.publicUrl;
  }

  /** The same drive again, as after a stop and a start. */
  async restart(settings: NodeJS.ProcessEnv = {}): Promise<Drive> {
    await this.close();
    return Drive.open({ ...this.environment, ...settings });
  }

  async close(): Promise<void> {
    await this.probe.close();
    await this.app.close();
  }

  /** Closes the drive and removes all that it kept. */
  async destroy(): Promise<void> {
    await this.close();
    rmSync(join(this.config.dataDir, '..'), { recursive: true, force: true });
  }

  /** A client that nobody knows. */
  anonymous(): Client {
    return new Client(this.url);
  }

  /** A client with an account of that name, logged in. */
  async signUp(username: string): Promise<Client> {
    return this.anonymous().signUp(username);
  }

  blobs(): DiskBlob[] {
    return blobsIn(this.config.dataDir);
  }

  /** Names of uploads that are not published. */
  temporaryFiles(): string[] {
    return readdirSync(join(this.config.dataDir, 'uploads', '.tmp'));
  }

  /** Resolves once no removal waits that has not failed. */
  async removalsSettled(): Promise<void> {
    for (;;) {
      const rows = await this.probe.rows('SELECT id FROM blobRemovals WHERE attempts = 0');
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** What must hold of every drive at rest: rows and bytes agree in both directions, and so do the counters. */
  async violations(): Promise<string[]> {
    await this.removalsSettled();
    const files = await this.probe.rows<{
      ownerId: number;
      state: string;
      storageKey: string;
      size: number;
      sha256: string;
    }>('SELECT ownerId, state, storageKey, size, sha256 FROM files');
    const found: string[] = files
      .filter(({ state }) => state !== 'live')
      .map(({ storageKey }) => `pending ${storageKey}`);
    const blobs = new Map(this.blobs().map((blob) => [blob.key, blob]));
    for (const { storageKey, size, sha256 } of files) {
      const blob = blobs.get(storageKey);
      if (blob?.size !== size || blob?.sha256 !== sha256) found.push(`row without its bytes ${storageKey}`);
      blobs.delete(storageKey);
    }
    found.push(...[...blobs.keys()].map((key) => `bytes without a row ${key}`));
    found.push(...this.temporaryFiles().map((name) => `temporary file ${name}`));
    for (const user of await this.probe.rows<{ id: number; usedFiles: number; usedBytes: number }>(
      'SELECT * FROM users',
    )) {
      const own = files.filter(({ ownerId, state }) => ownerId === user.id && state === 'live');
      const bytes = own.reduce((sum, { size }) => sum + size, 0);
      if (user.usedFiles !== own.length || user.usedBytes !== bytes) found.push(`counters of user ${user.id}`);
    }
    const orphans = await this.probe.rows('SELECT id FROM accesses WHERE fileId NOT IN (SELECT id FROM files)');
    if (orphans.length > 0) found.push(`${orphans.length} accesses without a file`);
    return found;
  }
}
