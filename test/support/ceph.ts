import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findCommand } from './engines.js';
import { KeptProcess } from './kept-process.js';
import { freePort } from './ports.js';

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

/** What can be killed, frozen and started again: `osd.<number>`, the S3 gateway, the monitor. */
export type CephDaemon = `osd.${number}` | 'gateway' | 'monitor';

/** A private Ceph with its S3 gateway in a directory of its own: a real distributed store. */
export class Ceph {
  readonly daemons = new Map<CephDaemon, KeptProcess>();
  readonly endpoint: string;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
    private readonly monitorPort: number,
    private readonly terms: CephTerms,
  ) {
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /** Starts one, in some 15 seconds: one OSD in memory, if not told more. */
  static async start(terms: CephTerms = SMALL): Promise<Ceph> {
    const directory = mkdtempSync(join(tmpdir(), 'ceph-'));
    const ceph = new Ceph(directory, await freePort(), await freePort(), terms);
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
    return `s3://${ACCESS_KEY}:${encodeURIComponent(SECRET_KEY)}@127.0.0.1:${this.port}/${bucket}?tls=off`;
  }

  /** Ends all of it and removes what it wrote. */
  async stop(): Promise<void> {
    await Promise.all([...this.daemons.values()].map((daemon) => daemon.kill()));
    rmSync(this.directory, { recursive: true, force: true });
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
    const [kind, id = ''] = name.split('.');
    const command = {
      monitor: ['ceph-mon', '-i', 'a'],
      osd: ['ceph-osd', '-i', id],
      gateway: ['radosgw', '-n', 'client.admin'],
    }[kind!]!;
    const { wrapper = [] } = this.terms;
    const all = [
      ...wrapper,
      findCommand(command[0]!)!,
      '-c',
      join(this.directory, 'ceph.conf'),
      ...command.slice(1),
      '-f',
    ];
    this.daemons.set(name, await KeptProcess.start(this.log(), all));
  }

  private async install(): Promise<void> {
    const at = (name: string) => join(this.directory, name);
    for (const name of ['log', 'run', 'mon']) mkdirSync(at(name));
    const fsid = crypto.randomUUID();
    writeFileSync(at('ceph.conf'), configuration(this.directory, fsid, this.port, this.monitorPort, this.terms));
    const key = ['--gen-key', '-n'];
    this.call('ceph-authtool', '--create-keyring', at('keyring'), ...key, 'mon.', '--cap', 'mon', 'allow *');
    const caps = ['mon', 'osd', 'mgr'].flatMap((service) => ['--cap', service, 'allow *']);
    this.call('ceph-authtool', at('keyring'), ...key, 'client.admin', ...caps);
    const monitor = `[v2:127.0.0.1:${this.monitorPort}]`;
    this.call('monmaptool', '--create', '--addv', 'a', monitor, '--fsid', fsid, at('monmap'));
    this.conf('ceph-mon', '--mkfs', '-i', 'a', '--monmap', at('monmap'), '--keyring', at('keyring'));
    await this.run('monitor');
    for (let number = 0; number < this.terms.osds; number += 1) await this.addOsd(number);
    await this.run('gateway');
    await this.answering();
    const keys = [`--access-key=${ACCESS_KEY}`, `--secret-key=${SECRET_KEY}`];
    this.conf('radosgw-admin', 'user', 'create', '--uid=test', '--display-name=test', '--max-buckets=0', ...keys);
  }

  private async addOsd(number: number): Promise<void> {
    mkdirSync(join(this.directory, `osd.${number}`));
    const id = crypto.randomUUID();
    this.conf('ceph', 'osd', 'new', id, `${number}`);
    this.conf('ceph', 'osd', 'crush', 'add', `osd.${number}`, '1.0', 'root=default', `host=h${number}`);
    this.conf('ceph-osd', '-i', `${number}`, '--mkfs', '--osd-uuid', id);
    await this.run(`osd.${number}`);
  }

  private async answering(): Promise<void> {
    for (const deadline = Date.now() + START_MS; ; await delay(50)) {
      const socket = connect(this.port, '127.0.0.1');
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

  private conf(command: string, ...args: string[]): void {
    this.call(command, '-c', join(this.directory, 'ceph.conf'), ...args);
  }

  private call(command: string, ...args: string[]): void {
    const log = this.log();
    const { status } = spawnSync(findCommand(command)!, args, { stdio: ['ignore', log, log], timeout: START_MS });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  }

  private log(): number {
    return openSync(join(this.directory, 'log/out'), 'a');
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

/** All on loopback, nothing outside of the directory. The gateway asks for cephx unless it is told not to. */
function configuration(directory: string, fsid: string, port: number, monitorPort: number, terms: CephTerms): string {
  const size = Math.min(terms.osds, 3);
  const crc = ['mon client', 'mon service', 'mon cluster', 'client', 'service', 'cluster'];
  return `[global]
fsid = ${fsid}
mon initial members = a
mon host = [v2:127.0.0.1:${monitorPort}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
${crc.map((name) => `ms ${name} mode = crc`).join('\n')}
keyring = ${directory}/keyring
run dir = ${directory}/run
admin socket = ${directory}/run/$name.asok
pid file =
log file = ${directory}/log/$name.log
log to stderr = false
err to stderr = true
crash dir = ${directory}/log
ms bind ipv6 = false
osd pool default size = ${size}
osd pool default min size = ${Math.ceil(size / 2)}
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
osd objectstore = ${terms.store}
bluestore block size = 8589934592
bluestore fsck on mount = false
osd memory target = 939524096
osd heartbeat interval = 1
osd heartbeat grace = 4
mon osd min down reporters = 1
mon osd adjust heartbeat grace = false
memstore device bytes = 4294967296
mon allow pool size one = true
mon allow pool delete = true
mon pg warn min per osd = 0
mon data avail crit = 1
mon data avail warn = 1
mon max pg per osd = 2000
rgw frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw enable usage log = false
rgw enable ops log = false
rgw enable lc threads = false
rgw thread pool size = 64
rgw dynamic resharding = false
rgw override bucket index max shards = 1
rgw data log num shards = 1
rgw md log max shards = 1
rgw gc max objs = 8
rgw lc max objs = 4
rgw usage max shards = 1
rgw objexp hints num shards = 4
rgw reshard num logs = 1
[mon.a]
mon data = ${directory}/mon/a
[osd]
osd data = ${directory}/osd.$id
`;
}
