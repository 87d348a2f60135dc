import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DatabaseSettings } from './probe.js';

const ROOT = join(import.meta.dirname, '../..');
export const ADMIN = join(ROOT, 'dist/apps/admin/src/main.js');

/** How a command ended, and what it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** The objects of `--json`. */
  readonly json: Record<string, any>[];
}

export interface AdminOptions {
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Halts the process again and again, anywhere, as a busy machine would: what is read is old when it is used. */
  readonly stutter?: boolean;
}

/** The environment with which a program works on a drive. */
export function environmentOf({ dataDir, databaseUrl }: DatabaseSettings): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, DATA_DIR: dataDir, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) };
}

/** Runs the built admin command line on a drive, as a process. */
export async function admin(drive: DatabaseSettings, args: readonly string[], options: AdminOptions = {}) {
  return runNode(ADMIN, args, { ...options, environment: { ...environmentOf(drive), ...options.environment } });
}

/** Fills a drive, which must not be in use. */
export async function seed(drive: DatabaseSettings, ...args: string[]): Promise<void> {
  const { code, err } = await runNode(join(ROOT, 'scripts/seed.mjs'), args, { environment: environmentOf(drive) });
  if (code !== 0) throw new Error(`The seed failed: ${err}`);
}

async function runNode(
  path: string,
  args: readonly string[],
  { input, environment, stutter }: AdminOptions,
): Promise<Outcome> {
  if (!existsSync(ADMIN)) throw new Error('There is no build: run `npm run build` first');
  const child = spawn(process.execPath, [path, ...args], { env: environment, cwd: ROOT });
  child.stdin.end(input ?? '');
  if (stutter) halt(child);
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const lines = args.includes('--json') ? out.split('\n').filter((line) => line !== '') : [];
  return { code, signal, out, err, json: lines.map((line) => JSON.parse(line)) };
}

function halt(child: ChildProcess): void {
  const timer = setInterval(() => {
    child.kill(Math.random() < 0.3 ? 'SIGCONT' : 'SIGSTOP');
  }, 40);
  child.once('exit', () => clearInterval(timer));
}
