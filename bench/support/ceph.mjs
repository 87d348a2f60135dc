// A private Ceph with its S3 gateway, one OSD in memory: no disk is measured, and both sides have the same store.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { addOsd, addUser, daemonCommand, found } from '../../test/support/ceph-store.mjs';
import { commandPath } from './engines.mjs';
import { freePort, Program, takesConnections } from './program.mjs';

const KEYS = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' };

/** What is deleted is gone within seconds, or some rounds would fill the memory. */
const SETTINGS = [
  'osd objectstore = memstore',
  'memstore device bytes = 17179869184',
  'rgw gc obj min wait = 1',
  'rgw gc processor period = 1',
  'rgw gc processor max time = 1',
];

/** @returns the store's `endpoint` and `keys`, `url(bucket)` for STORAGE_URL, and `stop()` */
export async function startCeph(parent) {
  const directory = mkdtempSync(join(parent, 'ceph-'));
  const [port, monitorPort] = [await freePort(), await freePort()];
  const place = { directory, port, monitorPort, osds: 1, settings: SETTINGS };
  const programs = [];
  const start = (daemon) => {
    const [command, ...args] = daemonCommand(place, daemon);
    programs.push(new Program(commandPath(command), args, { log: join(directory, 'log/out') }));
  };
  found(place, runOnce);
  start('monitor');
  addOsd(place, 0, runOnce);
  start('osd.0');
  start('gateway');
  await programs.at(-1).ready(() => takesConnections(port));
  addUser(place, KEYS, runOnce);
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    keys: KEYS,
    url: (bucket) => `s3://${KEYS.accessKeyId}:${KEYS.secretAccessKey}@127.0.0.1:${port}/${bucket}?tls=off`,
    async stop() {
      for (const program of programs.toReversed()) await program.stop();
    },
  };
}

function runOnce(command, ...args) {
  const { status, stdout, stderr } = spawnSync(commandPath(command), args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} fails:\n${stdout}${stderr}`);
}
