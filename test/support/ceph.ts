import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { addOsd, addUser, type CephDaemon, type CephPlace, daemonCommand, found } from './ceph-store.mjs';
import { findCommand } from './engines.js';
import { KeptProcess } from './kept-process.js';
import { freePort } from './ports.js';

export type { CephDaemon } from './ceph-store.mjs';

const ACCESS_KEY = 'testkey';
/** With characters that a URL must escape. */
const SECRET_KEY = 'test/secret+1';
const START_MS = 60_000;

/** `bluestore`: keeps what it has when it is killed. */
export interface CephTerms {
  readonly osds: number;
  readonly store: 'memstore' | 'bluestore';
  /** A program that runs each daemon, with its arguments. */
  readonly wrapper?: readonly string[];
}

const SMALL: CephTerms = { osds: 1, store: 'memstore' };

const settingsOf = (store: CephTerms['store']): string[] => [
  `osd objectstore = ${store}`,
  'bluestore block size = 8589934592',
  'bluestore fsck on mount = false',
  'osd memory target = 939524096',
  'osd heartbeat interval = 1',
  'osd heartbeat grace = 4',
  'mon osd min down reporters = 1',
  'mon osd adjust heartbeat grace = false',
  'memstore device bytes = 4294967296',
  'rgw data log num shards = 1',
  'rgw md log max shards = 1',
  'rgw lc max objs = 4',
  'rgw usage max shards = 1',
  'rgw objexp hints num shards = 4',
  'rgw reshard num logs = 1',
];

/** A private Ceph with its S3 gateway in a directory of its own: a real distributed store. */
export class Ceph {
  readonly daemons = new Map<CephDaemon, KeptProcess>();
  readonly endpoint: string;

  private constructor(
    private readonly place: CephPlace,
    private readonly terms: CephTerms,
  ) {
    this.endpoint = `http://127.0.0.1:${place.port}`;
  }

  /** Starts one, in some 15 seconds: one OSD in memory, if not told more. */
  static async start(terms: CephTerms = SMALL): Promise<Ceph> {
    const directory = mkdtempSync(join(tmpdir(), 'ceph-'));
    const ports = { port: await freePort(), monitorPort: await freePort() };
    const ceph = new Ceph({ directory, ...ports, osds: terms.osds, settings: settingsOf(terms.store) }, terms);
    try {
      await ceph.install();
    } catch (error) {
      const log = readFileSync(join(directory, 'log/out'), 'utf8');
      await ceph.stop();
      throw new Error(`Ceph does not start:\n${log.slice(-4000)}`, { cause: error });
    }
    return ceph;
  }

  /** Makes an empty bucket; gives what `STORAGE_URL` is to be for it. */
  createBucket(): Promise<string> {
    return createBucket(this.url(''));
  }

  url(bucket: string): string {
    return `s3://${ACCESS_KEY}:${encodeURIComponent(SECRET_KEY)}@127.0.0.1:${this.place.port}/${bucket}?tls=off`;
  }

  /** Ends all of it and removes what it wrote. */
  async stop(): Promise<void> {
    await Promise.all([...this.daemons.values()].map((daemon) => daemon.kill()));
    rmSync(this.place.directory, { recursive: true, force: true });
  }

  /** Whether an OSD still has what it had when it is started again. */
  get keeps(): boolean {
    return this.terms.store === 'bluestore';
  }

  /** `kill -9`. */
  async kill(name: CephDaemon): Promise<void> {
    await this.daemons.get(name)?.kill();
    this.daemons.delete(name);
  }

  /** Starts a daemon; what it has kept is what it has. */
  async run(name: CephDaemon): Promise<void> {
    const [command, ...args] = daemonCommand(this.place, name);
    const { wrapper = [] } = this.terms;
    this.daemons.set(name, await KeptProcess.start(this.log(), [...wrapper, findCommand(command)!, ...args]));
  }

  private async install(): Promise<void> {
    const call = (command: string, ...args: string[]) => this.call(command, ...args);
    found(this.place, call);
    await this.run('monitor');
    for (let number = 0; number < this.terms.osds; number += 1) {
      addOsd(this.place, number, call);
      await this.run(`osd.${number}`);
    }
    await this.run('gateway');
    await this.answering();
    addUser(this.place, { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY }, call);
  }

  private async answering(): Promise<void> {
    for (const deadline = Date.now() + START_MS; ; await delay(50)) {
      const socket = connect(this.place.port, '127.0.0.1');
      try {
        await once(socket, 'connect');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      } finally {
        socket.destroy();
      }
    }
  }

  private call(command: string, ...args: string[]): void {
    const log = this.log();
    const { status } = spawnSync(findCommand(command)!, args, { stdio: ['ignore', log, log], timeout: START_MS });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  }

  private log(): number {
    return openSync(join(this.place.directory, 'log/out'), 'a');
  }
}

/**
 * Makes an empty bucket in a store.
 * @param store its URL, with any bucket or none
 * @returns what `STORAGE_URL` is to be for it
 */
export async function createBucket(store: string): Promise<string> {
  const url = new URL(store);
  const bucket = `b${randomBytes(8).toString('hex')}`;
  const client = clientOf(store);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  url.pathname = `/${bucket}`;
  return url.href;
}

/** A client for a look at a store from outside. */
export function clientOf(store: string): S3Client {
  const { host, username, password } = new URL(store);
  const [accessKeyId, secretAccessKey] = [username, password].map((text) => decodeURIComponent(text));
  return new S3Client({
    endpoint: `http://${host}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
