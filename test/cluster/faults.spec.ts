import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ledger } from '../crash/support/ledger.js';
import { Random } from '../crash/support/plan.js';
import { Recorder } from '../crash/support/recorder.js';
import { Ceph } from '../support/ceph.js';
import { describeWith, engine } from '../support/engines.js';
import { Galera } from '../support/galera.js';
import { MariaDb } from '../support/mariadb.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Cluster, type Engines } from './support/cluster.js';
import { faultsOf, pick } from './support/faults.js';
import { ClusterReport } from './support/report.js';
import { DAMAGES, openDamaged } from './support/damage.js';
import { uploadAroundAFreeze } from './support/frozen.js';
import { PatientClient } from './support/patient-client.js';
import { Persistent } from './support/persistent.js';
import { rollOver } from './support/rolling.js';
import { check, furnish, round, violationsOf } from './support/trial.js';

const FULL = process.env.CLUSTER === 'full';
const SEED = Number(process.env.CLUSTER_SEED ?? (FULL ? Date.now() % 1_000_000 : 1));
const FAULTS = Number(process.env.CLUSTER_FAULTS ?? (FULL ? 200 : 3));
const { CLUSTER_REPORT: REPORT } = process.env;
const SERVERS = FULL ? 3 : 2;
/** Milliseconds for a fault, all that heals it, and the check. */
const EACH_MS = 300_000;

/** A kill is no power cut: what the kernel has it keeps, and so nothing here waits for a disk. */
const wrapper = (): string[] => (engine('eatmydata') ? [engine('eatmydata')!] : []);

async function startEngines(): Promise<Engines & { stop(): Promise<unknown> }> {
  const ceph = await Ceph.start(FULL ? { osds: 3, store: 'bluestore', wrapper: wrapper() } : undefined);
  const store = ceph.url('');
  if (!FULL) {
    const database = await MariaDb.run({ options: [], wrapper: wrapper() });
    const stop = () => Promise.all([ceph.stop(), database.stop()]);
    return { ceph, store, databases: [await database.createDatabase()], stop };
  }
  const galera = await Galera.start(SERVERS, wrapper());
  const stop = () => Promise.all([ceph.stop(), galera.stop()]);
  return { ceph, store, galera, databases: await galera.createDatabase(), stop };
}

/** What the servers have written, beside the report, for whoever looks for the cause. */
function keepLogs(findings: readonly string[], { members }: Cluster): void {
  if (!REPORT) return;
  const logs = members.map(({ output }, at) => `=== server ${at + 1}\n${output}`);
  appendFileSync(`${REPORT}.log`, `${new Date().toISOString()} ${findings.join('\n')}\n${logs.join('')}`);
}

describeWith(['haproxy', 'ceph', 'mariadb', ...(FULL ? (['galera'] as const) : [])], 'several servers', () => {
  let engines: Awaited<ReturnType<typeof startEngines>>;
  let cluster: Cluster;

  beforeAll(async () => {
    engines = await startEngines();
    cluster = await Cluster.start(engines, SERVERS);
  }, 300_000);
  afterAll(async () => {
    await cluster?.destroy();
    await engines?.stop();
  }, 60_000);

  it('stop one after another, and nobody is left without an answer', async () => {
    for (const [at, member] of cluster.members.slice(0, FULL ? SERVERS : 1).entries()) {
      const stop = await rollOver(cluster, member, new Random(`stop ${at}`, SEED));
      expect([stop.tookRequests, stop.readiness.at(-1)]).toEqual([true, 404]);
      // An upload that takes longer than the delay is told so; nothing breaks off.
      expect(stop.troubles.filter((trouble) => !trouble.endsWith('POST /api/upload: 503'))).toEqual([]);
      expect(stop.operations).toBeGreaterThan(0);
    }
    expect(await check(cluster)).toEqual([]);
  }, 300_000);

  it('publish nothing of an upload that another has taken over meanwhile, and leave nothing', async () => {
    const outcome = await uploadAroundAFreeze(cluster, 'frozen.bin');
    expect(outcome).not.toMatch(/ 2\d\d |silence/);
    await cluster.heal();
    expect(await check(cluster)).toEqual([]);
  }, 180_000);

  it.each(DAMAGES)('$title is found', async ({ make, finding }) => {
    await furnish(cluster);
    const damaged = await openDamaged(cluster);
    const mend = await make(damaged);
    cluster.world.forget();
    const found = violationsOf(await cluster.world.look(), cluster);
    await mend();
    await damaged.close();
    expect(found).toContainEqual(expect.stringMatching(finding));
    cluster.world.forget();
    expect(await check(cluster)).toEqual([]);
  });

  it('a request that hangs is found, and so is one who tries again in vain', async () => {
    const line = await TcpProxy.start(Number(new URL(cluster.url).port));
    line.stall();
    const found: string[] = [];
    const told = { found: (finding: string) => void found.push(finding), trouble: () => undefined };
    const client = new PatientClient(`http://127.0.0.1:${line.port}`, told, undefined, 300);
    const ledger = new Ledger();
    const person = new Persistent(new Recorder(client, ledger), { wellSince: 0 }, 1_000);
    await person.upload('in vain.txt', 10);
    await line.close();
    expect(found[0]).toBe('I14 POST /api/upload was not answered within 0.3 s');
    expect(ledger.seen).toEqual(['I15 upload of in vain.txt by  does not come to an end (unknown)']);
  });

  it(
    `keep every promise through ${FAULTS} faults (CLUSTER_SEED=${SEED})`,
    async () => {
      const random = new Random('cluster', SEED);
      const report = new ClusterReport(SEED, SERVERS, engines.galera ? engines.galera.nodes.length : 1);
      const until = Date.now() + Number(process.env.CLUSTER_MINUTES ?? 600) * 60_000;
      while (report.faults < FAULTS && Date.now() < until) {
        const all = faultsOf(cluster).filter(({ victim }) => FULL || victim.startsWith('server'));
        const faults = pick(random, all, FAULTS - report.faults);
        const outcome = await round(cluster, random, faults);
        report.note(faults, outcome);
        if (outcome.findings.length > 0) keepLogs(outcome.findings, cluster);
      }
      report.end(cluster);
      process.stdout.write(report.text());
      if (REPORT) appendFileSync(REPORT, `${JSON.stringify(report)}\n`);
      expect(report.findings).toEqual([]);
    },
    FAULTS * EACH_MS,
  );
});
