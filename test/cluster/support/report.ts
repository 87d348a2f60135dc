import type { Cluster } from './cluster.js';
import type { Fault } from './faults.js';
import type { Round } from './trial.js';

/** What a run has done and found; as JSON it is what scripts/cluster-report.mjs reads. */
export class ClusterReport {
  faults = 0;
  rounds = 0;
  operations = 0;
  /** How often a server ended by itself and was started again. */
  ended = 0;
  /** Why, and how often. */
  readonly endings: Record<string, number> = {};
  slowestHealMs = 0;
  seconds = 0;
  /** By part and what was done to it. */
  readonly kinds: Record<string, number> = {};
  readonly findings: string[] = [];
  private readonly began = Date.now();

  constructor(
    readonly seed: number,
    readonly servers: number,
    readonly databases: number,
  ) {}

  note(faults: readonly Fault[], { operations, findings, healedAfter }: Round): void {
    const what = faults.map(({ victim, title }) => `${victim}: ${title}`).join('; ');
    for (const { victim, title } of faults) {
      const kind = `${victim.split(' ')[0]}: ${title}`;
      this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    }
    this.faults += faults.length;
    this.rounds += 1;
    this.operations += operations;
    this.slowestHealMs = Math.max(this.slowestHealMs, healedAfter);
    this.findings.push(...findings.map((finding) => `round ${this.rounds} (${what}): ${finding}`));
    const sum = findings.length === 0 ? 'nothing found' : findings.join('\n    ');
    process.stdout.write(
      `${this.faults} faults, ${Math.round((Date.now() - this.began) / 1000)} s: ${what}: ${operations} operations, well after ${Math.round(healedAfter / 1000)} s, ${sum}\n`,
    );
  }

  end({ members }: Cluster): void {
    const all = members.flatMap(({ endings }) => endings);
    this.ended = all.length;
    for (const why of all) this.endings[why] = (this.endings[why] ?? 0) + 1;
    this.seconds = Math.round((Date.now() - this.began) / 1000);
  }

  private told(): string[] {
    return Object.entries(this.endings).map(([why, count]) => `  ended by itself ${count} ×, ${why}`);
  }

  text(): string {
    const kinds = Object.entries(this.kinds)
      .toSorted(([, one], [, other]) => other - one)
      .map(([kind, count]) => `  ${count} × ${kind}`);
    return (
      `\n=== cluster report (CLUSTER_SEED=${this.seed}), ${this.servers} servers, ${this.databases} database nodes\n${kinds.join('\n')}\n` +
      `${this.faults} faults in ${this.rounds} rounds, ${this.operations} operations, ${this.ended} servers ended by themselves, ` +
      `${this.findings.length} findings, ${this.seconds} s\n${[...this.told(), ...this.findings].join('\n')}\n`
    );
  }
}
