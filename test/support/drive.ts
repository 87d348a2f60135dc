import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppConfig } from '@app/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi, listen } from '../../apps/api/src/api.setup.js';
import { BucketView } from './bucket.js';
import { Client } from './client.js';
import { freePort } from './ports.js';
import { storageForTest } from './store.js';
import { temporaryDirectory } from './temporary-directory.js';
import { databaseForTest, openProbe, type Probe } from './probe.js';
import { blobsIn, type DiskBlob, findViolations, removalsSettled, temporaryFilesIn } from './violations.js';

export { blobsIn, sha256 } from './violations.js';

/** What keeps a new drive to itself. */
async function ownEnvironment(): Promise<NodeJS.ProcessEnv> {
  return {
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    DATA_DIR: join(temporaryDirectory(), 'data'),
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    DEFAULT_MAX_FILES: '1000',
    SIGNUP_LIMIT: '1000/1h',
    ...(await databaseForTest()),
    ...(await storageForTest()),
  };
}

/** What there is of a drive once it has been opened. */
interface Opened {
  readonly config: AppConfig;
  readonly app: NestFastifyApplication;
  readonly probe: Probe;
  readonly bucket: BucketView | undefined;
}

/** A whole drive for a test: the real application on a real socket, database and disk, and a look at them from outside. */
export class Drive {
  private newcomers = 0;
  private environment: NodeJS.ProcessEnv | undefined;
  private opened: Opened | undefined;
  private isOpen = false;

  /** A new drive, open; whoever starts it ends it. Tests that share one have it from `driveFixture`. @param settings as for `open` */
  static start(settings: NodeJS.ProcessEnv = {}): Promise<Drive> {
    return new Drive().open(settings);
  }

  get config(): AppConfig {
    return this.whatIsOpened.config;
  }

  get app(): NestFastifyApplication {
    return this.whatIsOpened.app;
  }

  /** The database, from outside. */
  get probe(): Probe {
    return this.whatIsOpened.probe;
  }

  /** Where its bytes are, unless they are on the disk. */
  get bucket(): BucketView | undefined {
    return this.whatIsOpened.bucket;
  }

  get url(): string {
    return this.config.publicUrl;
  }

  /**
   * Opens the drive for the first time, or again once it is closed.
   * @param settings environment variables beside those that keep the drive to itself; they stay, until they are set anew
   */
  async open(settings: NodeJS.ProcessEnv = {}): Promise<this> {
    const environment = { ...(this.environment ?? (await ownEnvironment())), ...settings };
    this.environment = environment;
    const config = new AppConfig(environment);
    const app = await createApi(config);
    await listen(app, config);
    const { STORAGE_URL } = environment;
    const bucket = STORAGE_URL ? new BucketView(STORAGE_URL) : undefined;
    this.opened = { config, app, probe: await openProbe(config), bucket };
    this.isOpen = true;
    return this;
  }

  /** Closes and opens it. @param settings as for `open` */
  async restart(settings: NodeJS.ProcessEnv = {}): Promise<this> {
    await this.close();
    return this.open(settings);
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.bucket?.close();
    await this.probe.close();
    await this.app.close();
  }

  /** Closes the drive and removes all that it kept. */
  async destroy(): Promise<void> {
    await this.close();
    const { DATA_DIR } = this.environment ?? {};
    if (DATA_DIR) rmSync(join(DATA_DIR, '..'), { recursive: true, force: true });
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
  private get whatIsOpened(): Opened {
    if (!this.opened) throw new Error('The drive is not opened yet');
    return this.opened;
  }
}
