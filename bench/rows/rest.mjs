// What a start takes of the processor, and what the drive takes of the memory when it then has nothing to do. Linux only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { row } from '../support/bench.mjs';
import { SERVER } from '../support/built.mjs';
import { Drive } from '../support/drive.mjs';
import { memoryOf, processorTimeOf } from '../support/process.mjs';

const EMPTY = new URL('../floors/empty-nest.mjs', import.meta.url).pathname;
const ROWS = {
  start: row('processor time of a start : an empty Nest application', 1.6, { better: 'lower' }),
  memory: row('memory at rest : an empty Nest application', 1.6, { better: 'lower' }),
};
/** Milliseconds after which a server that has started has come to rest. */
const REST_MS = 2_000;

export const rows = Object.values(ROWS);

export async function run(bench) {
  const empty = () => measure(EMPTY, { PATH: process.env.PATH });
  await compareStarts(bench, ROWS, await startable(bench, 'rest', SERVER), empty);
}

/** @param ours, theirs each starts its server and measures it */
export async function compareStarts(bench, { start, memory }, ours, theirs) {
  const sides = [ours, theirs];
  const figures = new Map();
  for (let round = 0; round <= bench.form.rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const before = figures.get(side) ?? [];
      figures.set(side, [...before, await side()]);
    }
  }
  const ratios = (of) => {
    const [first, second] = sides.map((side) => figures.get(side).slice(1).map(of));
    return first.map((figure, round) => figure / second[round]);
  };
  if (bench.wants(start))
    bench.record(
      start,
      ratios((figure) => figure.start),
    );
  if (bench.wants(memory))
    bench.record(
      memory,
      ratios((figure) => figure.memory),
    );
}

/** A server on a drive that is there already. @param settings instead of those that the benchmark starts servers with */
export async function startable(bench, name, script, settings = {}) {
  const drive = await Drive.start(bench, name, { program: script });
  await drive.stop();
  return () => measure(script, { ...drive.environment, ...settings });
}

/** @returns milliseconds of the processor until it listens, and MiB when it rests */
async function measure(script, env) {
  const server = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(server.pid);
  const gone = once(server, 'exit');
  const said = await Promise.race([once(server.stdout, 'data'), gone.then(() => undefined)]);
  if (!said) throw new Error(`${script} does not start`);
  const start = processorTimeOf(pid);
  await delay(REST_MS);
  const memory = memoryOf(pid);
  server.kill('SIGKILL');
  await gone;
  return { start, memory };
}
