import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findCommand } from './engines.js';
import { freePort } from './ports.js';

const ACCESS_KEY = 'testkey';
/** With characters that a URL must escape. */
const SECRET_KEY = 'test/secret+1';
const START_MS = 60_000;
/** As for MariaDB: a process that goes with the test process, however that ends. */
const KEEPER = '"$@" & cat >/dev/null; kill -9 $!; wait';

/** A private Ceph with its S3 gateway, one OSD in memory, in a directory of its own: a real distributed store. */
export class Ceph {
  private readonly keepers = new Map<string, ChildProcess>();
  readonly endpoint: string;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
    private readonly monitorPort: number,
  ) {
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /** Starts one, in some 15 seconds. */
  static async start(): Promise<Ceph> {
    const directory = mkdtempSync(join(tmpdir(), 'ceph-'));
    const ceph = new Ceph(directory, await freePort(), await freePort());
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
    for (const keeper of this.keepers.values()) {
      const gone = once(keeper, 'exit');
      keeper.stdin!.end();
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async install(): Promise<void> {
    const at = (name: string) => join(this.directory, name);
    for (const name of ['log', 'run', 'mon', 'osd.0']) mkdirSync(at(name));
    const fsid = crypto.randomUUID();
    writeFileSync(at('ceph.conf'), configuration(this.directory, fsid, this.port, this.monitorPort));
    const key = ['--gen-key', '-n'];
    this.run('ceph-authtool', '--create-keyring', at('keyring'), ...key, 'mon.', '--cap', 'mon', 'allow *');
    const caps = ['mon', 'osd', 'mgr'].flatMap((service) => ['--cap', service, 'allow *']);
    this.run('ceph-authtool', at('keyring'), ...key, 'client.admin', ...caps);
    const monitor = `[v2:127.0.0.1:${this.monitorPort}]`;
    this.run('monmaptool', '--create', '--addv', 'a', monitor, '--fsid', fsid, at('monmap'));
    this.conf('ceph-mon', '--mkfs', '-i', 'a', '--monmap', at('monmap'), '--keyring', at('keyring'));
    this.spawn('ceph-mon', '-i', 'a', '-f');
    const osd = crypto.randomUUID();
    this.conf('ceph', 'osd', 'new', osd, '0');
    this.conf('ceph', 'osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=h0');
    this.conf('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd);
    this.spawn('ceph-osd', '-i', '0', '-f');
    this.spawn('radosgw', '-n', 'client.admin', '-f');
    await this.answering();
    const keys = [`--access-key=${ACCESS_KEY}`, `--secret-key=${SECRET_KEY}`];
    this.conf('radosgw-admin', 'user', 'create', '--uid=test', '--display-name=test', '--max-buckets=0', ...keys);
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
    this.run(command, '-c', join(this.directory, 'ceph.conf'), ...args);
  }

  private run(command: string, ...args: string[]): void {
    const log = this.log();
    const { status } = spawnSync(findCommand(command)!, args, { stdio: ['ignore', log, log], timeout: START_MS });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  }

  private spawn(command: string, ...args: string[]): void {
    const log = this.log();
    const conf = ['-c', join(this.directory, 'ceph.conf')];
    const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', findCommand(command)!, ...conf, ...args], {
      stdio: ['pipe', log, log],
    });
    this.keepers.set(command, keeper);
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
function configuration(directory: string, fsid: string, port: number, monitorPort: number): string {
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
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
osd objectstore = memstore
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
