// The real programs that are measured against, or measure.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const ENGINES = {
  chromium: { commands: ['chromium'], debianPackage: 'chromium', version: ['--version'] },
  wrk: { commands: ['wrk'], debianPackage: 'wrk', version: ['-v'] },
  nginx: { commands: ['nginx'], debianPackage: 'nginx-light', version: ['-v'] },
  ceph: {
    commands: ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'ceph-authtool', 'monmaptool', 'radosgw-admin'],
    debianPackage: 'radosgw, ceph-mon, ceph-osd and ceph-common',
    version: ['--version'],
  },
  go: { commands: ['go'], debianPackage: 'golang-go (1.25 or later)', version: ['version'] },
  mariadb: { commands: ['mariadbd', 'mariadb-install-db'], debianPackage: 'mariadb-server', version: ['--version'] },
};

/** @typedef {keyof typeof ENGINES} Engine */

/** Servers put their programs where a user's PATH may not look. */
const PLACES = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];

/** The path of a command, or undefined where it is not installed. */
export function findCommand(name) {
  return PLACES.map((place) => join(place, name)).find(isExecutable);
}

/** As `findCommand`, of one that has to be there. @throws Error */
export function commandPath(name) {
  const path = findCommand(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The Debian packages of the engines among `names` that this machine lacks. */
export function missingPackages(names) {
  return names
    .filter((name) => ENGINES[name].commands.some((command) => !findCommand(command)))
    .map((name) => ENGINES[name].debianPackage);
}

/** What each installed engine calls its version. */
export function engineVersions() {
  const installed = Object.entries(ENGINES).filter(([name]) => missingPackages([name]).length === 0);
  return Object.fromEntries(installed.map(([name, { commands, version }]) => [name, versionOf(commands[0], version)]));
}

/** Some write it to standard error, and wrk ends with 1 after it. */
function versionOf(command, args) {
  const script = '"$0" "$@" 2>&1 || true';
  const text = execFileSync('/bin/sh', ['-c', script, commandPath(command), ...args], { encoding: 'utf8' });
  return /\d+\.\d+[\w.+-]*/.exec(text)?.[0] ?? 'unknown';
}
