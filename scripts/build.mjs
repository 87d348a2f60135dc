// Builds server, command line and page into dist/, unless nothing has changed since the last time: a second `npm start`
// starts at once. `--force` builds anyway.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'dist/.built');
/** All that a build is made from. */
const SOURCES = [
  ...['apps', 'libs', 'nest-cli.json', 'openapi.json', 'ormconfig.ts', 'package-lock.json', 'package.json'],
  ...['tsconfig.json', 'scripts/build.mjs', 'scripts/bundle-admin.mjs', 'scripts/bundle-server.mjs'],
];
/** What a build makes among its own sources, of them. */
const MADE = new Set(['schema.d.ts']);

function* files(path) {
  const about = statSync(path);
  if (about.isFile()) yield [path, about.size, about.mtimeMs];
  else for (const name of readdirSync(path).toSorted()) if (!MADE.has(name)) yield* files(join(path, name));
}

function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) for (const file of files(join(ROOT, source))) hash.update(`${file.join('\t')}\n`);
  return hash.digest('hex');
}

function run(...command) {
  const { status } = spawnSync('npx', ['--no-install', ...command], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

const wanted = fingerprint();
const isBuilt = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
if (!isBuilt || process.argv.includes('--force')) {
  // First, so that a file that was deleted or renamed cannot live on in it, nor a stamp beside a build that broke off.
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  run('nest', 'build', 'api', 'admin');
  run('node', 'scripts/bundle-admin.mjs');
  run('node', 'scripts/bundle-server.mjs');
  run('npm', 'run', '--silent', 'build:web');
  writeFileSync(STAMP, wanted);
}
