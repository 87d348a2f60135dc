import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The process is a child of a shell that lives as long as its standard input is open: when the test process ends, even by
 * `kill -9`, the pipe closes and the process goes with it.
 */
const KEEPER = '"$@" >&3 2>&3 3>&- & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait';

/** A program that goes with the test process, however that ends, and that can be killed, frozen and thawed before. */
export class KeptProcess {
  private constructor(
    private readonly keeper: ChildProcess,
    readonly pid: number,
  ) {}

  /** @param log descriptor of the file to which it writes */
  static async start(
    log: number,
    [command, ...args]: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ): Promise<KeptProcess> {
    const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', command!, ...args], {
      stdio: ['pipe', 'pipe', 'ignore', log],
      env: environment ?? process.env,
    });
    const [line] = (await once(keeper.stdout!, 'data')) as [Buffer];
    return new KeptProcess(keeper, Number(line.toString()));
  }

  /** Sends it a signal, which may come too late. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Resolves when it has ended by itself, or after so many milliseconds. */
  async ended(within: number): Promise<void> {
    const deadline = Date.now() + within;
    while (existsSync(`/proc/${this.pid}/exe`) && Date.now() < deadline) await delay(20);
  }

  /** `kill -9`, also of one that is frozen; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.keeper.exitCode !== null) return;
    const gone = once(this.keeper, 'exit');
    this.keeper.stdin!.end();
    await gone;
  }
}
