/**
 * Packages that bring what they have compiled and say so (`gypfile: false` in their package.json). A lock file that npm makes does not keep
 * that, and `npm ci` then runs node-gyp for them, which fails where there is no Python.
 */
const NOTHING_TO_COMPILE = ['node_modules/better-sqlite3-13'];

/** @param lock what package-lock.json holds; changed in place */
export function mark(lock) {
  for (const path of NOTHING_TO_COMPILE) lock.packages[path].gypfile = false;
  return lock;
}

/** As npm writes it. */
export const written = (lock) => `${JSON.stringify(lock, null, 2)}\n`;
