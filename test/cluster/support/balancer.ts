import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { engine } from '../../support/engines.js';
import { KeptProcess } from '../../support/kept-process.js';

const EXAMPLE = join(import.meta.dirname, '../../../deploy/haproxy-cluster.cfg');

/** What the example calls the addresses of its servers. */
const NAMES = ['ONE', 'TWO', 'THREE'];

/**
 * A real HAProxy before several servers, by the example of `deploy/`, but for ports and TLS.
 * @param ports of the servers
 */
export function startBalancer(port: number, ports: readonly number[]): Promise<KeptProcess> {
  const example = readFileSync(EXAMPLE, 'utf8').replace(/bind :443 ssl crt \S+/, `bind 127.0.0.1:${port}`);
  const absent = NAMES.slice(ports.length).map((name) => `"\${${name}-`);
  const text = example
    .split('\n')
    .filter((line) => !absent.some((start) => line.includes(start)))
    .join('\n');
  const directory = join(temporaryDirectory(), 'haproxy');
  mkdirSync(directory);
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, text);
  const servers = Object.fromEntries(ports.map((each, at) => [NAMES[at]!, `127.0.0.1:${each}`]));
  const command = [engine('haproxy')!, '-db', '-f', file];
  return KeptProcess.start(openSync(join(directory, 'log'), 'a'), command, { PATH: process.env.PATH, ...servers });
}
