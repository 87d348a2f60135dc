// Programs that run beside the benchmark and end with it.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const START_MS = 60_000;
const [LOWEST_PORT, HIGHEST_PORT] = [10_240, 32_767];

/**
 * A child of a shell that lives as long as its standard input is open: when the benchmark ends, even by `kill -9`, the
 * pipe closes and the program goes with it.
 */
const KEEPER =
  'signal=$1; shift; "$@" 3>&- </dev/null & echo $! >&3; exec 3>&-; cat >/dev/null; kill -$signal $!; wait';

export class Program {
  /** @type {import('node:child_process').ChildProcess} */
  #keeper;
  #log;

  /**
   * Starts a program.
   * @param {string} command @param {string[]} args
   * @param {{ log: string, env?: NodeJS.ProcessEnv, signal?: string }} options `log` is the file for what it writes; the signal
   * ends it, and all that it has started
   */
  constructor(command, args, { log, env = process.env, signal = 'KILL' }) {
    this.#log = log;
    const output = openSync(log, 'a');
    this.#keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', signal, command, ...args], {
      env,
      stdio: ['pipe', output, output, 'pipe'],
    });
    const told = /** @type {import('node:stream').Readable} */ (this.#keeper.stdio[3]);
    this.pid = once(told, 'data').then(([pid]) => Number(pid));
  }

  /** Resolves when `probe` no longer throws. */
  async ready(probe) {
    for (const deadline = Date.now() + START_MS; ; await delay(10)) {
      try {
        return await probe();
      } catch (error) {
        if (Date.now() > deadline) throw new Error(readFileSync(this.#log, 'utf8').slice(-4000), { cause: error });
      }
    }
  }

  async stop() {
    const gone = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
    await gone;
  }
}

/** Resolves if a server takes connections, for `ready`. @throws Error if it does not yet */
export async function takesConnections(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
}

/** A port that was free a moment ago, below those that systems give to outgoing connections, such as the load's. */
export async function freePort() {
  for (;;) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
