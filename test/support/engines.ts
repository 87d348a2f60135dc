import { spawnSync } from 'node:child_process';
import { accessSync, constants, writeSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

interface Source {
  /** Commands that must all be there; the first one is the engine itself. */
  readonly commands: readonly string[];
  readonly debianPackage: string;
  /** Arguments with which the engine must exit with 0, when its mere presence does not say enough. */
  readonly probe?: readonly string[];
}

/** The real programs that tests run against, and the Debian package that brings each. */
const ENGINES = {
  mariadb: { commands: ['mariadbd', 'mariadb-install-db'], debianPackage: 'mariadb-server' },
  /** Its library is loaded by MariaDB, from where Debian puts it. */
  galera: {
    commands: ['sh', 'mariadbd', 'mariadb-install-db', 'wsrep_sst_rsync', 'rsync'],
    debianPackage: 'mariadb-server and galera-4',
    probe: ['-c', 'test -f /usr/lib/galera/libgalera_smm.so'],
  },
  ceph: {
    commands: ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph', 'ceph-authtool', 'monmaptool', 'radosgw-admin'],
    debianPackage: 'radosgw, ceph-mon, ceph-osd and ceph-common',
  },
  strace: { commands: ['strace'], debianPackage: 'strace' },
  /** strace that may join a process which is not its child: some systems allow that to root only. */
  'strace-attach': {
    commands: ['strace', 'sh', 'sleep'],
    debianPackage: 'strace and the right to attach it',
    probe: ['-qq', '-o', '/dev/null', '-e', 'trace=none', 'sh', '-c', 'sleep 0.1 & strace -qq -o /dev/null -p $!'],
  },
  chromium: { commands: ['chromium'], debianPackage: 'chromium' },
  curl: { commands: ['curl'], debianPackage: 'curl' },
  wget: { commands: ['wget'], debianPackage: 'wget' },
  aria2: { commands: ['aria2c'], debianPackage: 'aria2' },
  httpie: { commands: ['http'], debianPackage: 'httpie' },
  php: {
    commands: ['php'],
    debianPackage: 'php-cli and php-curl',
    probe: ['-r', 'exit(extension_loaded("curl") ? 0 : 1);'],
  },
  python: { commands: ['python3'], debianPackage: 'python3' },
  'python-requests': { commands: ['python3'], debianPackage: 'python3-requests', probe: ['-c', 'import requests'] },
  /** Of PyPI: `pip install tuspy==1.1.0`. */
  'python-tus': { commands: ['python3'], debianPackage: 'tuspy, of PyPI', probe: ['-c', 'import tusclient, requests'] },
  'python-httpx': { commands: ['python3'], debianPackage: 'python3-httpx', probe: ['-c', 'import httpx'] },
  'python-aiohttp': { commands: ['python3'], debianPackage: 'python3-aiohttp', probe: ['-c', 'import aiohttp'] },
  rclone: { commands: ['rclone'], debianPackage: 'rclone' },
  go: { commands: ['go'], debianPackage: 'golang-go' },
  java: { commands: ['java'], debianPackage: 'default-jdk-headless' },
  nginx: { commands: ['nginx'], debianPackage: 'nginx-light' },
  caddy: { commands: ['caddy'], debianPackage: 'caddy' },
  prometheus: { commands: ['prometheus'], debianPackage: 'prometheus' },
  'fail2ban-regex': { commands: ['fail2ban-regex'], debianPackage: 'fail2ban' },
  promtool: { commands: ['promtool'], debianPackage: 'prometheus' },
  haproxy: { commands: ['haproxy'], debianPackage: 'haproxy' },
  /** Programs as another user, which root alone may start. */
  setpriv: {
    commands: ['setpriv', 'unshare'],
    debianPackage: 'util-linux, and root',
    probe: ['--reuid=54321', '--regid=54321', '--clear-groups', 'true'],
  },
  /** Containers, which root alone may start here. */
  podman: {
    commands: ['podman', 'runc', 'tar', 'install'],
    debianPackage: 'podman and runc, and root',
    probe: ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', 'info'],
  },
  openssl: { commands: ['openssl'], debianPackage: 'openssl' },
  'systemd-analyze': { commands: ['systemd-analyze'], debianPackage: 'systemd' },
  zsh: { commands: ['zsh'], debianPackage: 'zsh' },
  fish: { commands: ['fish'], debianPackage: 'fish' },
  /** A terminal for a program that asks on one. */
  script: { commands: ['script'], debianPackage: 'bsdutils' },
  faketime: { commands: ['faketime'], debianPackage: 'faketime' },
  /** A small file system of a test's own, for full disks; tried in a mount namespace that is gone with the trial. */
  tmpfs: {
    commands: ['unshare', 'mount', 'umount'],
    debianPackage: 'root, to mount a tmpfs',
    probe: ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'],
  },
  eatmydata: { commands: ['eatmydata'], debianPackage: 'eatmydata' },
} as const satisfies Record<string, Source>;

export type EngineName = keyof typeof ENGINES;

/** Servers and Go's own installer put their programs where a user's PATH may not look. */
const PLACES = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/sbin',
  '/usr/local/sbin',
  '/usr/local/go/bin',
];

/** The path of a command, or undefined where it is not installed. */
export const findCommand = (name: string): string | undefined => findCommands(name)[0];

/** Every installation of a command, in the order of PATH: a machine may have several, such as Debian's and another Python. */
function findCommands(name: string): string[] {
  return PLACES.filter((place) => place !== '')
    .map((place) => join(place, name))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const found = new Map<EngineName, string | undefined>();

/** The path of an engine's program, or undefined where this machine lacks it (or a part of it). */
export function engine(name: EngineName): string | undefined {
  if (!found.has(name)) found.set(name, look(ENGINES[name]));
  return found.get(name);
}

function look({ commands, probe }: Source): string | undefined {
  if (commands.some((command) => findCommand(command) === undefined)) return undefined;
  return findCommands(commands[0]!).find(
    (path) => !probe || spawnSync(path, probe, { stdio: 'ignore', timeout: 20_000 }).status === 0,
  );
}

/** The line that says why a suite does not run. */
export function missing(title: string, ...names: EngineName[]): string {
  const packages = names.map((name) => ENGINES[name].debianPackage).join(' and ');
  return `skipped: ${title} needs ${packages}`;
}

/**
 * Leaves a test out, and says why in one visible line: see `missing`. It stays as a test that is skipped, since a suite without
 * any is refused, and whoever reads the counts must see that something did not run. A test that skipped itself would first run
 * the hooks around it, which start the very engines that are missing.
 */
export function skipVisibly(line: string): void {
  writeSync(2, `${line}\n`);
  // Its name is the reason: what is missing, and for what.
  it.skip(line, () => undefined);
}

/** With `REQUIRE_ENGINES=1` (the CI) nothing may be skipped: what is missing fails. */
export const enginesRequired = (): boolean => process.env.REQUIRE_ENGINES === '1';

/**
 * A suite that needs real programs; it gets their paths, in the order in which they were asked for. Where one is
 * missing the suite is skipped with one visible line, or fails with `REQUIRE_ENGINES=1`.
 */
export function describeWith(
  names: EngineName | readonly EngineName[],
  title: string,
  suite: (...paths: string[]) => void,
): void {
  const wanted: readonly EngineName[] = typeof names === 'string' ? [names] : names;
  const lacking = wanted.filter((name) => engine(name) === undefined);
  if (lacking.length === 0) {
    describe(title, () => suite(...wanted.map((name) => engine(name)!)));
    return;
  }
  const line = missing(title, ...lacking);
  describe(title, () => {
    if (enginesRequired()) {
      it('has the engines that it needs', () => {
        throw new Error(line);
      });
    } else skipVisibly(line);
  });
}
