// From the start of the process to the first connection that it takes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { row } from '../support/bench.mjs';
import { SERVER } from '../support/built.mjs';
import { Drive } from '../support/drive.mjs';

const START = row('start to listening : an empty Nest application', 1.2, { better: 'lower' });
const EMPTY = new URL('../floors/empty-nest.mjs', import.meta.url).pathname;

const UNFINISHED = row('start with 1,000 unfinished uploads : with none', 1.1, { better: 'lower' });

export const rows = [START, UNFINISHED];

/** A start as it is most days: the database is there and up to date, and nothing has to be undone. */
export async function run(bench) {
  const drive = await Drive.start(bench, 'start');
  await drive.stop();
  if (bench.wants(UNFINISHED)) await withUnfinished(bench, drive);
  await bench.compare(
    START,
    () => several(SERVER, drive.environment),
    () => several(EMPTY, { PATH: process.env.PATH }),
  );
}

/** Nothing of them has to be undone, so the start has nothing to do for them. */
async function withUnfinished(bench, without) {
  const drive = await Drive.start(bench, 'start-unfinished');
  const metadata = (n) => `filename ${Buffer.from(`${n}.bin`).toString('base64')}`;
  for (let n = 0; n < 1_000; n += 1) {
    const headers = { ...drive.authorization, 'tus-resumable': '1.0.0', 'upload-length': '1000' };
    const { status } = await fetch(`${drive.url}/api/uploads`, {
      method: 'POST',
      headers: { ...headers, 'upload-metadata': metadata(n) },
    });
    if (status !== 201) throw new Error(`${status} from the creation of upload ${n}`);
  }
  await drive.stop();
  await bench.compare(
    UNFINISHED,
    () => several(SERVER, drive.environment),
    () => several(SERVER, without.environment),
  );
}

/** @returns milliseconds of three starts */
async function several(script, env) {
  let total = 0;
  for (let time = 0; time < 3; time += 1) total += await millisecondsToReady(script, env);
  return total;
}

/** Either says first of all that it listens. */
async function millisecondsToReady(script, env) {
  const began = performance.now();
  const server = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(server, 'exit');
  const said = await Promise.race([once(server.stdout, 'data'), gone.then(() => undefined)]);
  const taken = performance.now() - began;
  if (!said || !/ready|listening/.test(String(said))) throw new Error(`${script} does not start: ${said}`);
  server.kill('SIGKILL');
  await gone;
  return taken;
}
