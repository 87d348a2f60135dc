// What keeps processors busy while something else waits.
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.mjs';

/**
 * Takes, at the lowest priority, all that nobody else takes of the processors. Virtual processors are often threads of one
 * core: the same work then costs more processor time where its neighbour is busy than where it is idle. With this it is
 * busy on both sides of a row, however much of the machine the side itself uses.
 * @returns what ends it
 */
export async function fillProcessors(bench) {
  const log = join(bench.directory, 'filler');
  const loop = ['-n', '19', process.execPath, '-e', 'for (;;);'];
  const fillers = cpus().map(() => new Program('nice', loop, { log }));
  await Promise.all(fillers.map(({ pid }) => pid));
  return () => Promise.all(fillers.map((filler) => filler.stop()));
}
