import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfig } from '@app/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi, listen } from '../../apps/api/src/api.setup.js';
import { BucketView } from './bucket.js';
import { Client } from './client.js';
import { freePort } from './ports.js';
import { storageForTest } from './store.js';
import { databaseForTest, openProbe, type Probe } from './probe.js';
import { blobsIn, type DiskBlob, findViolations, removalsSettled, temporaryFilesIn } from './violations.js';

export { blobsIn, sha256 } from './violations.js';

/** A directory that is a test's own. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'defdrive-'));
}

/** A whole drive for a test: the real application on a real socket, database and disk, and a look at them from outside. */
export class Drive {
  private newcomers = 0;

  private constructor(
    readonly config: AppConfig,
    readonly app: NestFastifyApplication,
    /** The database, from outside. */
    readonly probe: Probe,
    private readonly environment: NodeJS.ProcessEnv,
    /** Where its bytes are, unless they are on the disk. */
    readonly bucket: BucketView | undefined,
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
      ...(await storageForTest()),
      ...settings,
    });
  }

  private static async open(environment: NodeJS.ProcessEnv): Promise<Drive> {
    const config = new AppConfig(environment);
    const app = await createApi(config);
    await listen(app, config);
    const { STORAGE_URL } = environment;
    return new Drive(
      config,
      app,
      await openProbe(config),
      environment,
      STORAGE_URL ? new BucketView(STORAGE_URL) : undefined,
    );
  }

  get url(): string {
    return this.config.publicUrl;
  }

  /** The same drive again, as after a stop and a start. */
  async restart(settings: NodeJS.ProcessEnv = {}): Promise<Drive> {
    await this.close();
    return this.reopen(settings);
  }

  /** The same drive again, once it is closed. */
  reopen(settings: NodeJS.ProcessEnv = {}): Promise<Drive> {
    return Drive.open({ ...this.environment, ...settings });
  }

  async close(): Promise<void> {
    this.bucket?.close();
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

  /** Somebody who was not here before: a test's own person on a drive of many tests. */
  async newcomer(): Promise<Client> {
    this.newcomers += 1;
    return this.signUp(`user${this.newcomers}`);
  }

  async blobs(): Promise<DiskBlob[]> {
    if (!this.bucket) return blobsIn(this.config.dataDir);
    // Without what makes a key one that is never used twice.
    return (await this.bucket.blobs()).map((blob) => ({ ...blob, key: blob.key.replace(/\/[0-9a-f]{32}\//, '/') }));
  }

  /** Names of uploads that are not published. */
  async temporaryFiles(): Promise<string[]> {
    if (!this.bucket) return temporaryFilesIn(this.config.dataDir);
    // Of a small upload nothing is in the store yet, but its record is there.
    const pending = await this.probe.rows<{ id: number; storageKey: string }>(
      "SELECT id, storageKey FROM files WHERE state = 'pending'",
    );
    const names = new Map(pending.map(({ id, storageKey }) => [storageKey, String(id)]));
    const left = (await this.bucket.unfinished()).map(
      (key) => names.get(key) ?? key.replace(/^\.uploads\/(\d+)\/.*/, '$1'),
    );
    return [...new Set([...names.values(), ...left])];
  }

  /** Resolves once no removal waits that has not failed. */
  removalsSettled(): Promise<void> {
    return removalsSettled(this.probe);
  }

  /** What is not as it must be: nothing, in a drive that is true. */
  async violations(): Promise<string[]> {
    await this.removalsSettled();
    return findViolations(this.probe, this.config.dataDir, this.bucket);
  }
}
