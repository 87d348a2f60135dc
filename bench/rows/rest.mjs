// What a start takes of the processor, and what the drive takes of the memory when it then has nothing to do: beside
// another build of DefDrive, where BENCH_BASE names its directory, else beside an empty Nest application. Linux only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { row } from '../support/bench.mjs';
import { SERVER } from '../support/built.mjs';
import { Drive } from '../support/drive.mjs';

const BASE = process.env.BENCH_BASE;
const EMPTY = new URL('../floors/empty-nest.mjs', import.meta.url).pathname;
const OTHER = BASE ? 'the build in BENCH_BASE' : 'an empty Nest application';
const START = row(`processor time of a start : ${OTHER}`, BASE ? 0.75 : 1.6, { better: 'lower' });
const MEMORY = row(`memory at rest : ${OTHER}`, BASE ? 0.8 : 1.6, { better: 'lower' });
/** Milliseconds after which a server that has started has come to rest. */
const REST_MS = 2_000;
/** Milliseconds of one tick of the kernel's account. */
const TICK = 10;

export const rows = [START, MEMORY];

export async function run(bench) {
  const sides = [await startable(bench, 'rest', SERVER), await other(bench)];
  const figures = new Map();
  for (let round = 0; round <= bench.form.rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const before = figures.get(side) ?? [];
      figures.set(side, [...before, await side()]);
    }
  }
  const ratios = (of) => {
    const [ours, theirs] = sides.map((side) => figures.get(side).slice(1).map(of));
    return ours.map((figure, round) => figure / theirs[round]);
  };
  for (const one of [START, MEMORY])
    if (bench.wants(one))
      bench.record(
        one,
        ratios(({ start, memory }) => (one === START ? start : memory)),
      );
}

async function other(bench) {
  if (!BASE) return () => measure(EMPTY, { PATH: process.env.PATH });
  // Each as its own `npm start` has it.
  const settings = { MALLOC_TRIM_THRESHOLD_: undefined, MALLOC_MMAP_THRESHOLD_: undefined };
  return startable(bench, 'rest-base', join(BASE, 'dist/apps/api/src/main.js'), settings);
}

/** A server on a drive that is there already. */
async function startable(bench, name, script, settings = {}) {
  const drive = await Drive.start(bench, name, { program: script });
  await drive.stop();
  return () => measure(script, { ...drive.environment, ...settings });
}

/** @returns milliseconds of the processor until it listens, and MiB when it rests */
async function measure(script, env) {
  const server = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(server, 'exit');
  const said = await Promise.race([once(server.stdout, 'data'), gone.then(() => undefined)]);
  if (!said) throw new Error(`${script} does not start`);
  const start = processorTime(server.pid);
  await delay(REST_MS);
  const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
  server.kill('SIGKILL');
  await gone;
  return { start, memory };
}

function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}
