import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { EngineName } from '../support/engines.js';

/** Go compiles its standard library first. */
const LIMIT_MS = 150_000;

/** A fenced block of a Markdown page, with the heading that it stands under. */
export interface Block {
  readonly section: string;
  readonly language: string;
  readonly code: string;
}

export function readBlocks(path: string): Block[] {
  const [, ...sections] = readFileSync(path, 'utf8').split(/^## /m);
  return sections.flatMap((section) =>
    [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({
      section: section.split('\n', 1)[0]!,
      language: language!,
      code: code!,
    })),
  );
}

interface Language {
  readonly file: string;
  /** What runs it; Node itself needs no looking for. */
  readonly engine?: EngineName;
  /** The command as the page has it. */
  readonly command: (engine: string, file: string) => [string, ...string[]];
  /** A language that even the CI runs only where the machine has it. */
  readonly optional?: boolean;
}

/** How the page says that a block is run. */
export const LANGUAGES: Readonly<Record<string, Language>> = {
  sh: { file: 'hello.sh', engine: 'curl', command: (_curl, file) => ['/bin/sh', file] },
  js: { file: 'hello.mjs', command: (_none, file) => [process.execPath, file] },
  python: { file: 'hello.py', engine: 'python-requests', command: (python, file) => [python, file] },
  go: { file: 'hello.go', engine: 'go', command: (go, file) => [go, 'run', file], optional: true },
  php: { file: 'hello.php', engine: 'php', command: (php, file) => [php, file] },
};

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a directory, with that environment and no other. */
export async function run(
  [command, ...args]: [string, ...string[]],
  directory: string,
  env: Record<string, string>,
): Promise<Outcome> {
  const child = spawn(command, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  const exit = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await exit) as [number | null];
  return { status, stdout, stderr };
}
