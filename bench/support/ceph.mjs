// A private Ceph with its S3 gateway, one OSD in memory: no disk is measured, and both sides have the same store.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findCommand } from './engines.mjs';
import { freePort, Program } from './program.mjs';

const KEYS = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' };

/** @returns the store's `endpoint` and `keys`, and `stop()` */
export async function startCeph(parent) {
  const directory = mkdtempSync(join(parent, 'ceph-'));
  const [port, monitorPort] = [await freePort(), await freePort()];
  const conf = join(directory, 'ceph.conf');
  const fsid = randomUUID();
  for (const name of ['log', 'run', 'mon', 'osd.0']) mkdirSync(join(directory, name));
  writeFileSync(conf, configuration(directory, { fsid, port, monitorPort }));
  const programs = [];
  const start = (command, ...args) =>
    programs.push(new Program(findCommand(command), ['-c', conf, ...args], { log: join(directory, 'log/out') }));
  const run = (command, ...args) => runOnce(command, '-c', conf, ...args);
  install(directory, { fsid, monitorPort, run });
  start('ceph-mon', '-i', 'a', '-f');
  const osd = randomUUID();
  run('ceph', 'osd', 'new', osd, '0');
  run('ceph', 'osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=h0');
  run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd);
  start('ceph-osd', '-i', '0', '-f');
  start('radosgw', '-n', 'client.admin', '-f');
  await programs.at(-1).ready(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
  const keys = [`--access-key=${KEYS.accessKeyId}`, `--secret-key=${KEYS.secretAccessKey}`];
  run('radosgw-admin', 'user', 'create', '--uid=bench', '--display-name=bench', ...keys);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    keys: KEYS,
    url: (bucket) => `s3://${KEYS.accessKeyId}:${KEYS.secretAccessKey}@127.0.0.1:${port}/${bucket}?tls=off`,
    async stop() {
      for (const program of programs.toReversed()) await program.stop();
    },
  };
}

function install(directory, { fsid, monitorPort, run }) {
  const at = (name) => join(directory, name);
  const key = ['--gen-key', '-n'];
  runOnce('ceph-authtool', '--create-keyring', at('keyring'), ...key, 'mon.', '--cap', 'mon', 'allow *');
  const caps = ['mon', 'osd', 'mgr'].flatMap((service) => ['--cap', service, 'allow *']);
  runOnce('ceph-authtool', at('keyring'), ...key, 'client.admin', ...caps);
  const monitor = `[v2:127.0.0.1:${monitorPort}]`;
  runOnce('monmaptool', '--create', '--addv', 'a', monitor, '--fsid', fsid, at('monmap'));
  run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', at('monmap'), '--keyring', at('keyring'));
}

function runOnce(command, ...args) {
  const { status, stdout, stderr } = spawnSync(findCommand(command), args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} fails:\n${stdout}${stderr}`);
}

/** All on loopback; what is deleted is gone within seconds, or some rounds would fill the memory. */
function configuration(directory, { fsid, port, monitorPort }) {
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
memstore device bytes = 17179869184
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
rgw gc obj min wait = 1
rgw gc processor period = 1
rgw gc processor max time = 1
rgw gc max objs = 8
[mon.a]
mon data = ${directory}/mon/a
[osd]
osd data = ${directory}/osd.$id
`;
}
