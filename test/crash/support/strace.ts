import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tally } from './report.js';

/**
 * The wrapper under which a server dies at the k-th call, before it is carried out. strace counts for each thread, so the
 * server gets a pool of one: `KILL_ALONE`. With `-D` the server is our own child, and strace watches from beside.
 * `--seccomp-bpf` would make it quicker, but lets calls pass that are to be killed.
 */
export function killAt(strace: string, call: string, k: number): string[] {
  const filter = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${k}`];
  return [strace, '-D', '-f', '-qq', '-o', '/dev/null', ...filter];
}

export const KILL_ALONE = { UV_THREADPOOL_SIZE: '1' };

/** The wrapper under which the calls of a server are written down, with the paths of descriptors and long strings. */
export function writeDown(strace: string, calls: string, log: string): string[] {
  return [strace, '-D', '-f', '--seccomp-bpf', '-qq', '-y', '-s', '4096', '-o', log, '-e', `trace=${calls}`];
}

/** What goes wrong: strace's words for it, such as `error=EIO` or `delay_enter=100000` (microseconds). */
export interface FaultPlan {
  readonly call: string;
  readonly how: string;
  /** Which calls of each thread: `1`, `2`, `1+`. */
  readonly when?: string;
  /** Only calls on these very paths. */
  readonly paths?: readonly string[];
}

/** A fault that is put into a running server and taken out again. */
export class Fault {
  private constructor(
    private readonly strace: ChildProcess,
    private readonly directory: string,
  ) {}

  /** Resolves when the fault is in force. */
  static async on(strace: string, pid: number, { call, how, when = '1+', paths = [] }: FaultPlan): Promise<Fault> {
    const directory = mkdtempSync(join(tmpdir(), 'defdrive-fault-'));
    const filter = ['-e', `trace=${call}`, '-e', `inject=${call}:${how}:when=${when}`];
    const only = paths.flatMap((path) => ['-P', path]);
    const child = spawn(strace, ['-f', '-p', String(pid), '-o', join(directory, 'log'), ...only, ...filter], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const attached = new Promise<void>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('attached')) resolve();
      });
    });
    await Promise.race([attached, once(child, 'exit')]);
    if (!said.includes('attached')) throw new Error(`strace cannot attach: ${said}`);
    return new Fault(child, directory);
  }

  /** Takes the fault out; may be repeated. @returns how many calls it has met */
  async off(): Promise<number> {
    const { strace, directory } = this;
    if (strace.exitCode === null && strace.signalCode === null) {
      strace.kill('SIGINT');
      await once(strace, 'exit');
    }
    if (!existsSync(directory)) return 0;
    const log = join(directory, 'log');
    const met = existsSync(log) ? (readFileSync(log, 'utf8').match(/\((?:INJECTED|DELAYED)\)/g) ?? []).length : 0;
    rmSync(directory, { recursive: true });
    tally.faults += met;
    return met;
  }
}

/** Looks, some milliseconds apart, at which a thread must be stopped to count as held up by a fault. */
const LOOKS = 20;

/** Resolves when a thread of the process is held up by a fault's `delay_enter`, and not just looked at in passing. */
export async function untilStalled(pid: number): Promise<void> {
  const looks = new Map<string, number>();
  while (![...looks.values()].some((count) => count >= LOOKS)) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const stopped = /^State:\tt/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'));
      looks.set(thread, stopped ? (looks.get(thread) ?? 0) + 1 : 0);
    }
    await delay(5);
  }
}
