import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

/**
 * A command is short, and nearly all of its time was once its start: a thousand files to find, read and compile. So the
 * build puts them into one (scripts/bundle-admin.mjs), and beside it what V8 has made of it
 * (docs/decisions/0220-one-file-for-the-commands.md).
 */
const BUNDLE = fileURLToPath(new URL('program.bundle.cjs', import.meta.url));
/** Written by whatever compiles the libraries. */
const LAST_BUILT = fileURLToPath(new URL('../../../ormconfig.js', import.meta.url));

export const COMPILED = `${BUNDLE}.v8`;

type Program = typeof import('./program.js');

export interface Bundle {
  readonly program: Program;
  readonly script: vm.Script;
}

/** Whether it is there, and newer than its parts: who compiles by hand, as with `nest start admin`, runs what he has compiled. */
export function isBundleFresh(): boolean {
  const bundle = statSync(BUNDLE, { throwIfNoEntry: false });
  return bundle !== undefined && bundle.mtimeMs >= (statSync(LAST_BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

export function loadBundle(): Bundle {
  const module = { exports: {} as Program };
  const text = `(function (exports, require, module, __filename) {${readFileSync(BUNDLE, 'utf8')}\n})`;
  const script = new vm.Script(text, {
    filename: BUNDLE,
    // Made by another version of Node it is refused, and everything is compiled anew.
    cachedData: readIfThere(COMPILED),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const load = script.runInThisContext() as (...args: unknown[]) => void;
  load(module.exports, createRequire(BUNDLE), module, BUNDLE);
  return { program: module.exports, script };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
