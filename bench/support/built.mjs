import 'reflect-metadata';
// The project as it was built: what is measured is what runs.
import { existsSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const DIST = new URL('dist/', ROOT);

export const SERVER = new URL('server/main.js', DIST).pathname;
/** The same before it is put into few files: a profile tells modules apart. */
export const UNBUNDLED = new URL('apps/api/src/main.js', DIST).pathname;

/** The command line for admins. */
export const ADMIN = new URL('apps/admin/src/main.js', DIST).pathname;

/** What `npm start` sets beside what the admin does. */
export const START_SETTINGS = {
  UV_THREADPOOL_SIZE: '16',
  MALLOC_TRIM_THRESHOLD_: '262144',
  MALLOC_MMAP_THRESHOLD_: '262144',
};

/** Imports a module of the build, e.g. `libs/database/src/index.js`. */
export function importBuilt(path) {
  return import(new URL(path, DIST).href);
}

export function requireBuild() {
  if (!existsSync(SERVER)) throw new Error('There is no build: run `npm run build` first');
}

/** Versions of the packages that matter here, as installed. */
export async function packageVersions() {
  const { SQLITE_PACKAGE } = await importBuilt('libs/data-directory/src/sqlite-driver.js');
  const version = (name) =>
    JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, ROOT), 'utf8')).version;
  const { version: defdrive } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  return {
    defdrive,
    node: process.version,
    nest: version('@nestjs/core'),
    fastify: version('fastify'),
    typeorm: version('typeorm'),
    'better-sqlite3': version(SQLITE_PACKAGE),
    mysql2: version('mysql2'),
  };
}
