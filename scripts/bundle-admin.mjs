// Puts the built admin command line into one file, with what V8 makes of it beside it: a command then starts in a fraction
// of the time (docs/decisions/0220-one-file-for-the-commands.md). Left out is what a command never runs: the documentation
// of routes, the web framework, prompts and plugins of nest-commander.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const require = createRequire(import.meta.url);
const SOURCES = fileURLToPath(new URL('../dist/apps/admin/src/', import.meta.url));
const SEED = fileURLToPath(new URL('seed.mjs', import.meta.url));

/** With native parts, or loaded only where they are used. */
const EXTERNAL =
  /^(?:better-sqlite3|@node-rs\/|@nestjs\/(?:websockets|microservices|platform-express)|mysql2|openid-client|prettier)/;

/** What stands for a package that the commands need nothing of. */
const STAND_INS = {
  inquirer: 'export default undefined;',
  cosmiconfig: 'export const cosmiconfig = undefined;',
  'libphonenumber-js/max': 'export const parsePhoneNumberFromString = undefined; export default undefined;',
  '@nestjs/platform-fastify': 'export const RouteConfig = () => () => undefined;',
  '@nestjs/swagger': swagger(),
  '@aws-sdk/client-s3': whenUsed('@aws-sdk/client-s3'),
};

/** Decorators that note nothing; the types made from others are what they were. */
function swagger() {
  const names = Object.keys(require('@nestjs/swagger')).filter((name) => /^Api|^getSchemaPath$/.test(name));
  const nothing = names.map((name) => `export const ${name} = () => () => undefined;`);
  return [...nothing, "export { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/mapped-types';"].join(
    '\n',
  );
}

/** A large package that most drives have no use for: it is loaded when something of it is asked for. */
function whenUsed(name) {
  return `const load = require('node:module').createRequire(__filename);
for (const name of ${JSON.stringify(Object.keys(require(name)))})
  Object.defineProperty(exports, name, { enumerable: true, get: () => load(${JSON.stringify(name)})[name] });`;
}

const standIns = {
  name: 'stand-ins',
  resolveId(id) {
    if (Object.hasOwn(STAND_INS, id)) return `\0stand-in:${id}`;
    // Installed for swagger, where it is.
    if (id === '@nestjs/mapped-types') return require.resolve(id, { paths: [require.resolve('@nestjs/swagger')] });
    return undefined;
  },
  load: (id) => STAND_INS[id.replace('\0stand-in:', '')],
  /** What Nest requires by way of Node would be a second copy, which the bundler does not see. */
  transform: (code, id) =>
    id.includes('@nestjs') ? code.replace('const require = createRequire(import.meta.url);', '') : undefined,
};

/** Of a process that has loaded the bundle and run a command: it keeps what V8 has compiled on the way. */
async function compile() {
  const { COMPILED, loadBundle } = await import(join(SOURCES, 'bundle.js'));
  const { program, script } = loadBundle();
  process.argv.splice(2, Infinity, 'users', 'list');
  process.once('exit', () => {
    writeFileSync(COMPILED, script.createCachedData());
    // Whoever runs it, as in a container, may read it.
    chmodSync(COMPILED, 0o644);
  });
  await program.run();
}

async function bundle() {
  const made = await rolldown({
    input: join(SOURCES, 'program.js'),
    platform: 'node',
    external: (id) => EXTERNAL.test(id),
    plugins: [standIns],
    shimMissingExports: true,
    logLevel: 'silent',
  });
  await made.write({
    file: join(SOURCES, 'program.bundle.cjs'),
    format: 'cjs',
    // Names of classes are those of migrations and of what Nest reports.
    keepNames: true,
    codeSplitting: false,
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  });
}

/** Keeps what a command compiles that opens a drive: one of its own. */
function tryOut() {
  const directory = mkdtempSync(join(tmpdir(), 'defdrive-build-'));
  const env = { ...process.env, DATA_DIR: join(directory, 'data'), DATABASE_URL: '', NEW_DRIVE: '', HOST: '' };
  try {
    run([SEED, '--users', '1', '--files', '1', '--accesses', '0'], env);
    run([fileURLToPath(import.meta.url), '--compile'], env);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(args, env) {
  const { status } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${args.join(' ')} failed, with which the bundle of the commands was tried`);
}

if (process.argv.includes('--compile')) await compile();
else {
  await bundle();
  tryOut();
}
