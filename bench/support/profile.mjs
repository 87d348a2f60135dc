// Reads a profile of V8's and tells what the samples were spent on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a function belongs to: the first that matches its name or its place. */
/** @type {[group: string, belongs: (frame: { functionName: string, url: string }) => boolean][]} */
const RULES = [
  ['writes to sockets', ({ functionName }) => /^write(v|Buffer|\w+String)$/.test(functionName)],
  ['SQLite', ({ url }) => /sqlite-query-runner|better-sqlite3/.test(url)],
  ['the token', ({ functionName, url }) => functionName === 'Hmac' || /jsonwebtoken|jws|jwa|passport/.test(url)],
  ['the log', ({ url }) => /node_modules\/(pino|sonic-boom)|lines-by-turn|logging\.js/.test(url)],
  ['Fastify', ({ url }) => /fastify|find-my-way|light-my-request|avvio/.test(url)],
  ['Nest', ({ url }) => /node_modules\/(@nestjs|rxjs|class-)/.test(url)],
  ['TypeORM', ({ url }) => url.includes('node_modules/typeorm')],
  ['DefDrive', ({ url }) => url.includes('/dist/')],
  ['other packages', ({ url }) => url.includes('/node_modules/')],
  ['garbage', ({ functionName }) => functionName === '(garbage collector)'],
  ['Node.js and the engine', () => true],
];
export const GROUPS = RULES.map(([group]) => group);

/**
 * Tells of the samples between two moments.
 * @param directory of the one profile, as `--cpu-prof-dir` has it @param from, until as `process.hrtime()` gives them
 * @returns `busy`, the share of the time in which the thread was not idle, and of that time the share of each group;
 * what a thread waits for in a call, such as the sync of a COMMIT, counts as busy
 */
export function sharesOf(directory, from, until) {
  const [file = ''] = readdirSync(directory);
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const spent = new Map(GROUPS.map((group) => [group, 0]));
  let [clock, idle, busy] = [startTime, 0, 0];
  for (const [index, sample] of samples.entries()) {
    const duration = timeDeltas[index];
    clock += duration;
    if (clock < microseconds(from) || clock > microseconds(until)) continue;
    const frame = frames.get(sample);
    if (frame.functionName === '(idle)') {
      idle += duration;
      continue;
    }
    busy += duration;
    // The last rule takes everything.
    const group = RULES.find(([, belongs]) => belongs(frame))?.[0] ?? '';
    spent.set(group, (spent.get(group) ?? 0) + duration);
  }
  const shares = Object.fromEntries([...spent].map(([group, time]) => [group, percent(time / busy)]));
  return { busy: percent(busy / (busy + idle)), shares };
}

const microseconds = ([seconds, nanoseconds]) => seconds * 1e6 + nanoseconds / 1000;

/** Whole hundredths. */
const percent = (share) => Math.round(share * 100);
