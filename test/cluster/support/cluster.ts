import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from '../../crash/support/ledger.js';
import { Recorder } from '../../crash/support/recorder.js';
import { type Ceph, createBucket } from '../../support/ceph.js';
import { PASSWORD } from '../../support/client.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import type { Galera } from '../../support/galera.js';
import type { KeptProcess } from '../../support/kept-process.js';
import { freePort } from '../../support/ports.js';
import { until } from '../../support/until.js';
import { startBalancer } from './balancer.js';
import { ClusterWorld } from './cluster-world.js';
import { Member } from './member.js';
import { PatientClient } from './patient-client.js';
import type { Weather } from './persistent.js';

/** Seconds of a lease in these tests, which would else wait most of the time. */
export const LEASE_S = 6;
const PEOPLE = ['ann', 'ben', 'cleo', 'dora'];
/** Milliseconds in which the store must answer again. */
const STORE_MS = 90_000;

/** What the servers stand on. */
export interface Engines {
  /** One, or as many as there are nodes: each server has its own. */
  readonly databases: readonly string[];
  readonly store: string;
  readonly galera?: Galera | undefined;
  readonly ceph: Ceph;
}

/** Several servers of one drive behind HAProxy, with real engines below, and the books of their clients. */
export class Cluster {
  readonly ledger = new Ledger();
  readonly weather: Weather = { wellSince: Date.now() };
  readonly people: Recorder[] = [];
  /** Failures that clients saw. */
  readonly troubles: string[] = [];

  private constructor(
    readonly engines: Engines,
    readonly members: readonly Member[],
    readonly world: ClusterWorld,
    private readonly balancer: KeptProcess,
    private readonly port: number,
  ) {}

  /** @param settings of each server beside those that make a cluster of them */
  static async start(engines: Engines, count: number, settings: NodeJS.ProcessEnv = {}): Promise<Cluster> {
    const port = await freePort();
    const storage = await createBucket(engines.store);
    const common = {
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      TRUSTED_PROXIES: '127.0.0.1',
      JWT_SECRET: randomBytes(32).toString('hex'),
      RECEIPT_KEY: randomBytes(32).toString('base64'),
      STORAGE_SWEEP: '10s',
      SERVER_LEASE: `${LEASE_S}s`,
      STOP_DELAY: '3s',
      STOP_GRACE: '5s',
      SIGNUP_LIMIT: '1000000/1h',
      LINK_LIMIT: '1000000/1h',
      DEFAULT_MAX_FILES: '100000',
      DEFAULT_MAX_STORAGE: '100GiB',
      LOG_LEVEL: 'warn',
      WEB: 'off',
      STORAGE_URL: storage,
      ...settings,
    };
    const members: Member[] = [];
    for (let at = 0; at < count; at += 1) {
      const database = engines.databases[at % engines.databases.length]!;
      members.push(
        await Member.prepare({ ...common, DATA_DIR: `${temporaryDirectory()}/data`, DATABASE_URL: database }),
      );
    }
    const balancer = await startBalancer(
      port,
      members.map((member) => member.port),
    );
    const world = new ClusterWorld(engines.databases[0]!, storage);
    const cluster = new Cluster(engines, members, world, balancer, port);
    await cluster.open();
    return cluster;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All is as it should be again. @throws Error when it does not come about */
  async heal(): Promise<void> {
    await this.engines.galera?.heal();
    await this.storeAnswers();
    await Promise.all(this.members.map((member) => member.rise()));
    this.weather.wellSince = Date.now();
  }

  async destroy(): Promise<void> {
    this.world.close();
    await Promise.all(this.members.map((member) => member.destroy()));
    await this.balancer.kill();
  }

  private async open(): Promise<void> {
    // The first one makes the drive; nobody else may do that at the same time.
    for (const member of this.members) await member.rise();
    // HAProxy has looked at them while they started, and takes them in again by and by.
    await until(async () => (await fetch(`${this.url}/api/health/ready`)).status === 200);
    const told = {
      found: (finding: string) => void this.ledger.seen.push(finding),
      trouble: (what: string) => void this.troubles.push(what),
    };
    for (const username of PEOPLE) {
      const client = new PatientClient(this.url, told);
      await client.post('/api/signup', { username, password: PASSWORD, email: 'a@example.org', name: username });
      this.ledger.accounts.set(username, 'acknowledged');
      this.people.push(new Recorder(await client.logIn(username), this.ledger));
    }
  }

  private async storeAnswers(): Promise<void> {
    for (const deadline = Date.now() + STORE_MS; ; await delay(200)) {
      try {
        return await this.world.answers();
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }
}
