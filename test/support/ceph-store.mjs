// How a private Ceph with its S3 gateway is set up, all of it on loopback and in one directory: for the tests and the benchmark,
// which each run programs in their own way.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAEMONS = {
  monitor: () => ['ceph-mon', '-i', 'a'],
  osd: (number) => ['ceph-osd', '-i', number],
  gateway: () => ['radosgw', '-n', 'client.admin'],
};

const at = ({ directory }, name) => join(directory, name);
const confOf = (place) => ['-c', at(place, 'ceph.conf')];

/** What runs a daemon in the foreground. @param name `monitor`, `gateway`, `osd.<number>` */
export function daemonCommand(place, name) {
  const [kind, number] = name.split('.');
  const [command, ...args] = DAEMONS[kind](number);
  return [command, ...confOf(place), ...args, '-f'];
}

/** Makes what all daemons need, and what the monitor begins with. @param call runs a command to its end, or throws */
export function found(place, call) {
  for (const name of ['log', 'run', 'mon']) mkdirSync(at(place, name));
  const fsid = randomUUID();
  const [keyring, monmap] = [at(place, 'keyring'), at(place, 'monmap')];
  writeFileSync(at(place, 'ceph.conf'), configuration(place, fsid));
  const key = ['--gen-key', '-n'];
  call('ceph-authtool', '--create-keyring', keyring, ...key, 'mon.', '--cap', 'mon', 'allow *');
  const caps = ['mon', 'osd', 'mgr'].flatMap((service) => ['--cap', service, 'allow *']);
  call('ceph-authtool', keyring, ...key, 'client.admin', ...caps);
  call('monmaptool', '--create', '--addv', 'a', monitorOf(place), '--fsid', fsid, monmap);
  call('ceph-mon', ...confOf(place), '--mkfs', '-i', 'a', '--monmap', monmap, '--keyring', keyring);
}

/** Makes an OSD, once the monitor runs. */
export function addOsd(place, number, call) {
  mkdirSync(at(place, `osd.${number}`));
  const id = randomUUID();
  call('ceph', ...confOf(place), 'osd', 'new', id, `${number}`);
  const where = ['root=default', `host=h${number}`];
  call('ceph', ...confOf(place), 'osd', 'crush', 'add', `osd.${number}`, '1.0', ...where);
  call('ceph-osd', ...confOf(place), '-i', `${number}`, '--mkfs', '--osd-uuid', id);
}

/** Lets somebody in who may make any number of buckets, once the gateway answers. */
export function addUser(place, { accessKeyId, secretAccessKey }, call) {
  const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`];
  const who = ['--uid=drive', '--display-name=drive', '--max-buckets=0'];
  call('radosgw-admin', ...confOf(place), 'user', 'create', ...who, ...keys);
}

const monitorOf = ({ monitorPort }) => `[v2:127.0.0.1:${monitorPort}]`;

/** All on loopback, nothing outside of the directory. The gateway asks for cephx unless it is told not to. */
function configuration(place, fsid) {
  const { directory, port, osds, settings } = place;
  const size = Math.min(osds, 3);
  const crc = ['mon client', 'mon service', 'mon cluster', 'client', 'service', 'cluster'];
  return `[global]
fsid = ${fsid}
mon initial members = a
mon host = ${monitorOf(place)}
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
rgw gc max objs = 8
${settings.join('\n')}
[mon.a]
mon data = ${directory}/mon/a
[osd]
osd data = ${directory}/osd.$id
`;
}
