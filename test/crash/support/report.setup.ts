import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Tally } from './report.js';

/** Prints at the end what the whole run has done. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'defdrive-report-'));
  const began = Date.now();
  project.provide('crashReport', directory);
  return () => {
    const tallies = readdirSync(directory).map(
      (name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as Tally,
    );
    rmSync(directory, { recursive: true });
    const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0);
    const places = new Map<string, number>();
    for (const [place, kills] of tallies.flatMap((tally) => Object.entries(tally.places)))
      places.set(place, (places.get(place) ?? 0) + kills);
    const lines = [...places]
      .toSorted(([, one], [, other]) => other - one)
      .map(([place, kills]) => `  ${kills} at ${place}`);
    process.stdout.write(
      `\n=== crash report (CRASH_SEED=${process.env.CRASH_SEED})\n${lines.join('\n')}\n` +
        `${sum(({ kills }) => kills)} kills at ${places.size} places, ${sum(({ faults }) => faults)} faults injected, ` +
        `${sum(({ requests }) => requests)} requests, ${sum(({ acknowledged }) => acknowledged)} uploads and deletes acknowledged, ${sum(({ checks }) => checks)} checks, ` +
        `${sum(({ violations }) => violations)} violations, ${Math.round((Date.now() - began) / 1000)} s\n`,
    );
  };
}
