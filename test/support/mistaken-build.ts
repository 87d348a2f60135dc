import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.js';

const ROOT = join(import.meta.dirname, '../..');
/** All of the build: the server in few files cannot be changed in one place, what it is made of can. */
const BUILD = join(ROOT, 'dist');

/** A fault that somebody could make in the server. */
export interface Mistake {
  readonly title: string;
  /** Below `dist`. */
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
  /** What the tests say that find it. */
  readonly finding: string;
}

/** How often the build has the place of a mistake: once, or nothing is known of who would find it. */
export function placesOf({ file, right }: Mistake): number {
  return readFileSync(join(BUILD, file), 'utf8').split(right).length - 1;
}

/** A copy of the build with a mistake in it, to see what tests make of it. */
export class MistakenBuild {
  private readonly directory = temporaryDirectory();

  constructor({ file, right, wrong }: Mistake) {
    cpSync(BUILD, join(this.directory, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(this.directory, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(this.directory, 'node_modules'));
    const path = join(this.directory, 'dist', file);
    writeFileSync(path, readFileSync(path, 'utf8').split(right).join(wrong));
  }

  /** Runs vitest against the copy. @param settings of the environment of the tests */
  async test(args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const main = join(this.directory, 'dist/apps/api/src/main.js');
    const child = spawn(process.execPath, [vitest, 'run', ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, DEFDRIVE_MAIN: main, NO_COLOR: '1', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = await once(child, 'close');
    return { code, output };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}
