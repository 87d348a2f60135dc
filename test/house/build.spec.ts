import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** What a build is made from, by a list of its own in the script. */
const SOURCES = [
  ...['apps/a.ts', 'libs/b.ts', 'nest-cli.json', 'openapi.json', 'ormconfig.ts', 'package-lock.json', 'package.json'],
  ...['tsconfig.json', 'scripts/bundle-admin.mjs', 'scripts/bundle-server.mjs'],
];

describe('npm run build', () => {
  let root: string;
  let log: string;

  beforeEach(() => {
    root = temporaryDirectory();
    log = join(root, 'built.log');
    for (const source of SOURCES) {
      mkdirSync(join(root, source, '..'), { recursive: true });
      writeFileSync(join(root, source), source);
    }
    cpSync('scripts/build.mjs', join(root, 'scripts/build.mjs'));
    // What it calls, which only says so; the compiler makes the directory that the stamp is put in.
    mkdirSync(join(root, 'bin'));
    const program = '#!/bin/sh\necho "$@" >> "$LOG"\nmkdir -p "$ROOT/dist"\nexit "${FAILS:-0}"\n';
    writeFileSync(join(root, 'bin/npx'), program, { mode: 0o755 });
  });

  /** @returns how it ended, and how many programs it called */
  function build(args: string[] = [], env: NodeJS.ProcessEnv = {}): [number | null, number] {
    rmSync(log, { force: true });
    const PATH = `${join(root, 'bin')}:${process.env.PATH}`;
    const options = { env: { ...process.env, PATH, ROOT: root, LOG: log, ...env } };
    const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), ...args], options);
    return [status, existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0];
  }

  it('does nothing a second time, unless something has changed or it is told to', () => {
    expect(build()).toEqual([0, 4]);
    expect(build()).toEqual([0, 0]);
    expect(build(['--force'])).toEqual([0, 4]);
    for (const source of [...SOURCES, 'scripts/build.mjs']) {
      writeFileSync(join(root, source), `${readFileSync(join(root, source), 'utf8')}\n`);
      expect([source, ...build()]).toEqual([source, 0, 4]);
    }
    writeFileSync(join(root, 'libs/new.ts'), '');
    expect(build()).toEqual([0, 4]);
    rmSync(join(root, 'libs/new.ts'));
    expect(build()).toEqual([0, 4]);
  });

  it('that failed is begun anew', () => {
    expect(build([], { FAILS: '3' })).toEqual([3, 1]);
    expect(build()).toEqual([0, 4]);
  });
});
