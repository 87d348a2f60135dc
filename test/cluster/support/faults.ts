import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../crash/support/plan.js';
import type { CephDaemon } from '../../support/ceph.js';
import type { KeptProcess } from '../../support/kept-process.js';
import { type Cluster, LEASE_S } from './cluster.js';

/** Milliseconds of what is over before anybody may take anybody else for dead. */
const SHORT_MS = 1_500;
/** Milliseconds of what goes on until a dead server's work has been taken over. */
const LONG_MS = (LEASE_S + 4) * 1_000;

/** What can go wrong with a part of a cluster. */
export interface Fault {
  readonly title: string;
  /** The part: two faults at once are never of the same. */
  readonly victim: string;
  begin(): Promise<unknown> | void;
  /** Ends what can be ended by itself; `Cluster.heal` does the rest. */
  end(): Promise<unknown> | void;
  /** Milliseconds from the one to the other. */
  readonly lasts: number;
}

/** Everything that may go wrong with these parts. */
export function faultsOf(cluster: Cluster): Fault[] {
  return [...ofServers(cluster), ...ofDatabases(cluster), ...ofTheStore(cluster)];
}

/** One or two of them, of different parts. */
export function pick(random: Random, faults: readonly Fault[], left: number): Fault[] {
  const one = pickOne(random, faults);
  if (left < 2 || random.below(2) === 0) return [one];
  return [
    one,
    pickOne(
      random,
      faults.filter(({ victim }) => victim !== one.victim),
    ),
  ];
}

function pickOne(random: Random, faults: readonly Fault[]): Fault {
  const kinds = [...new Set(faults.map(({ victim }) => victim.split(' ')[0]!))];
  // What is ours comes more often than what it stands on.
  const kind = random.pick([...kinds, 'server', 'server']);
  return random.pick(faults.filter(({ victim }) => victim.startsWith(kind)));
}

/** Lets a fault come, last and go. */
export async function suffer(fault: Fault, after: number): Promise<void> {
  await delay(after);
  await fault.begin();
  await delay(fault.lasts);
  await fault.end();
}

function freezes(victim: string, frozen: { signal(signal: NodeJS.Signals): void } | (() => KeptProcess | undefined)) {
  const signal = (name: NodeJS.Signals) => (typeof frozen === 'function' ? frozen() : frozen)?.signal(name);
  return [SHORT_MS, LONG_MS].map((lasts) => ({
    title: `freeze for ${lasts / 1000} s`,
    victim,
    lasts,
    begin: () => signal('SIGSTOP'),
    end: () => signal('SIGCONT'),
  }));
}

function ofServers({ members }: Cluster): Fault[] {
  return members.flatMap((member, at) => {
    const victim = `server ${at + 1}`;
    const dies = { title: 'kill -9', victim, begin: () => member.end() };
    return [
      { ...dies, lasts: SHORT_MS, end: () => member.rise().catch(() => undefined) },
      { ...dies, title: 'kill -9, and away for long', lasts: LONG_MS, end: () => undefined },
      {
        title: 'restart',
        victim,
        lasts: 0,
        begin: () => member.end('SIGTERM'),
        end: () => member.rise().catch(() => undefined),
      },
      ...freezes(victim, member),
      ...(['toDatabase', 'toStore'] as const).map((line) => ({
        title: line === 'toDatabase' ? 'cut off from its database' : 'cut off from the store',
        victim,
        lasts: LONG_MS,
        begin: () => member[line].stall(),
        end: () => member[line].resume(),
      })),
    ];
  });
}

function ofDatabases({ engines: { galera } }: Cluster): Fault[] {
  return (galera?.nodes ?? []).flatMap((node, at) => {
    const victim = `database ${at + 1}`;
    const rise = () => node.restart().catch(() => undefined);
    return [
      { title: 'kill -9', victim, lasts: SHORT_MS, begin: () => node.kill(), end: rise },
      { title: 'restart', victim, lasts: 0, begin: () => node.shutDown(), end: rise },
      ...freezes(victim, () => node.process),
    ];
  });
}

function ofTheStore({ engines: { ceph } }: Cluster): Fault[] {
  // What is only in memory is lost with its OSD, and where there is one OSD that is all.
  const daemons = [...ceph.daemons.keys()].filter((name) => name !== 'monitor');
  return daemons.flatMap((name: CephDaemon) => {
    const victim = name === 'gateway' ? name : `osd ${name.slice(4)}`;
    const frozen = freezes(victim, () => ceph.daemons.get(name));
    if (name !== 'gateway' && !ceph.keeps) return [];
    return [
      { title: 'kill -9', victim, lasts: SHORT_MS, begin: () => ceph.kill(name), end: () => ceph.run(name) },
      ...frozen,
    ];
  });
}
