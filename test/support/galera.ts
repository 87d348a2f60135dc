import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { MariaDb } from './mariadb.js';
import { freePort } from './ports.js';

/** A state transfer starts a daemon, and one that root has started turns itself into somebody who may write nothing. */
const USER = userInfo().uid === 0 ? { user: 'mysql' } : {};
/** Where Debian has it. */
const PROVIDER = '/usr/lib/galera/libgalera_smm.so';
/** Milliseconds in which a node finds its way back by itself, as a rule. */
const PATIENCE_MS = 20_000;
const HEAL_MS = 120_000;

/** A private cluster of MariaDB servers, each of which takes writes. */
export class Galera {
  private constructor(readonly nodes: readonly MariaDb[]) {}

  /** Starts one, in three to six seconds a node. @param wrapper a program that runs each node, with its arguments */
  static async start(count: number, wrapper: readonly string[] = []): Promise<Galera> {
    const groups = await freePorts(3 * count);
    const address = `gcomm://${Array.from({ length: count }, (_, at) => `127.0.0.1:${groups[3 * at]}`).join(',')}`;
    const nodes: MariaDb[] = [];
    for (let at = 0; at < count; at += 1) {
      const options = nodeOptions(at, address, groups.slice(3 * at));
      nodes.push(await MariaDb.prepare({ options, wrapper, ...USER }));
    }
    const [first, ...others] = nodes;
    first!.install();
    for (const node of others) node.install(first);
    await first!.begin('--wsrep-new-cluster');
    // One after another: who gives its state gives it to one at a time.
    for (const node of others) await node.restart();
    return new Galera(nodes);
  }

  /** Makes an empty database. @returns its URL at each node */
  async createDatabase(): Promise<string[]> {
    const url = new URL(await this.nodes[0]!.createDatabase());
    return this.nodes.map((node) => node.url(url.pathname.slice(1)));
  }

  /** Brings all nodes together again, whatever has become of them. @throws Error when they do not come */
  async heal(): Promise<void> {
    const deadline = Date.now() + HEAL_MS;
    for (let patience = Date.now() + PATIENCE_MS; ; await delay(100)) {
      const states = await Promise.all(this.nodes.map(stateOf));
      if (states.every(({ ready, size }) => ready && size === this.nodes.length)) return;
      if (Date.now() > deadline)
        throw new Error(`The database cluster does not come together: ${JSON.stringify(states)}`);
      if (Date.now() < patience) continue;
      await this.help(states);
      patience = Date.now() + PATIENCE_MS;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** As an admin would: one who has not found back is started again, and where no majority is left, one makes it. */
  private async help(states: readonly State[]): Promise<void> {
    if (!states.some(({ ready }) => ready)) {
      const alive = this.nodes.find((_node, at) => states[at]!.answers);
      if (alive) return alive.asRoot("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'");
    }
    const lost = this.nodes.find((_node, at) => !states[at]!.ready);
    await lost?.kill();
    await lost?.restart();
  }
}

/** @param ports for the group, and for the transfer of parts and of the whole of the state */
function nodeOptions(at: number, address: string, ports: readonly number[]): string[] {
  const [group, part, whole] = ports;
  const provider = [
    `gmcast.listen_addr=tcp://127.0.0.1:${group}`,
    `ist.recv_addr=127.0.0.1:${part}`,
    'gcache.size=32M',
    'gcache.page_size=32M',
    'evs.keepalive_period=PT0.5S',
    'evs.suspect_timeout=PT3S',
    'evs.inactive_timeout=PT9S',
    'evs.install_timeout=PT9S',
  ];
  return [
    `--server-id=${at + 1}`,
    '--innodb-autoinc-lock-mode=2',
    '--binlog-format=ROW',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_bin',
    '--wsrep-on=ON',
    `--wsrep-provider=${PROVIDER}`,
    '--wsrep-cluster-name=drive',
    `--wsrep-cluster-address=${address}`,
    `--wsrep-node-name=node${at + 1}`,
    `--wsrep-node-address=127.0.0.1:${group}`,
    '--wsrep-sst-method=rsync',
    `--wsrep-sst-receive-address=127.0.0.1:${whole}`,
    `--wsrep-provider-options=${provider.join(';')}`,
  ];
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

interface State {
  readonly answers: boolean;
  readonly ready: boolean;
  readonly size: number;
}

async function stateOf(node: MariaDb): Promise<State> {
  try {
    const rows = await node.rowsAsRoot(
      "SHOW STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_cluster_size', 'wsrep_cluster_status')",
    );
    const values = new Map(rows.map(({ Variable_name: name, Value: value }) => [name as string, value as string]));
    const ready = values.get('wsrep_ready') === 'ON' && values.get('wsrep_cluster_status') === 'Primary';
    return { answers: true, ready, size: Number(values.get('wsrep_cluster_size')) };
  } catch {
    return { answers: false, ready: false, size: 0 };
  }
}
