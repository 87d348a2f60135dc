import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findCommand } from '../support/engines.js';
import { until } from '../support/until.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const ROOT = join(import.meta.dirname, '../..');
/** Programs that the last stage of the Dockerfile, and the image itself, need of their base. */
const BASE_PROGRAMS = ['env', 'install', 'sh'];
/** A container may have no more of these than a test has, and by default it asks for more. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

/** What a program of podman ended with, and wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A store of images and containers of a test's own, without a registry and without a daemon. */
export class Containers {
  private readonly directory = temporaryDirectory();

  constructor(private readonly podman: string) {}

  run(...args: string[]): Ended {
    const own = ['--root', join(this.directory, 'root'), '--runroot', join(this.directory, 'run')];
    const { status, stdout, stderr } = spawnSync(
      this.podman,
      [...own, '--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file', ...args],
      { encoding: 'utf8', cwd: ROOT },
    );
    return { code: status, out: stdout, err: stderr };
  }

  /** As `run`, of what must succeed. @returns what it wrote */
  do(...args: string[]): string {
    const { code, out, err } = this.run(...args);
    if (code !== 0) throw new Error(`podman ${args.join(' ')} ended with ${code}: ${err}`);
    return out;
  }

  /** Starts a container, or runs a command in one that is gone with it. @param args of `podman run` */
  start(...args: string[]): string {
    // Its timer would be one of systemd, which need not be there: the test asks for itself.
    return this.do('run', ...LIMITS, '--no-healthcheck', ...args);
  }

  /**
   * Builds the last stage of the Dockerfile, which is the image, on a base that has this machine's Node.js and nothing that it does not need.
   * The first stage is what the tests' own build has made; its packages are mounted, since they are many.
   */
  buildImage(tag: string): void {
    const base = this.makeBase();
    this.do('import', base, 'docker.io/library/node:22-bookworm-slim');
    const built = join(this.directory, 'built');
    mkdirSync(join(built, 'app/node_modules'), { recursive: true });
    for (const name of ['package.json', 'dist'])
      cpSync(join(ROOT, name), join(built, 'app', name), { recursive: true });
    // The format of Docker: that of OCI knows no health check.
    const options = ['--pull=never', '--format=docker', '--isolation=chroot', '--layers=false'];
    this.do('build', ...options, `--build-context=build=${built}`, '--tag', tag, '.');
  }

  /** Ends and removes all of it. */
  async destroy(): Promise<void> {
    this.run('rm', '--all', '--force', '--time=0');
    // The store is mounted upon itself, which outlives the programs; and who tidies up after a container may still do so.
    await until(() => {
      while (spawnSync('umount', ['-l', join(this.directory, 'root/overlay')]).status === 0);
      try {
        rmSync(this.directory, { recursive: true, force: true });
        return true;
      } catch {
        return false;
      }
    });
  }

  /** @returns an archive of its files */
  private makeBase(): string {
    const base = join(this.directory, 'base');
    for (const name of ['usr/bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'bin', 'app'])
      mkdirSync(join(base, name), { recursive: true });
    const programs = BASE_PROGRAMS.map((name) => [`/usr/bin/${name}`, findCommand(name)!] as const);
    for (const [target, path] of [...programs, ['/usr/bin/node', process.execPath], ['/bin/sh', findCommand('sh')!]])
      copy(path!, join(base, target!));
    for (const path of [...programs.map(([, each]) => each), process.execPath, ...nativeParts()])
      for (const library of librariesOf(path)) copy(library, join(base, library));
    writeFileSync(join(base, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nnode:x:1000:1000::/:/bin/sh\n');
    writeFileSync(join(base, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
    const archive = `${base}.tar`;
    const { status } = spawnSync('tar', ['-C', base, '-cf', archive, '.']);
    if (status !== 0) throw new Error('The base of the image cannot be put together');
    return archive;
  }
}

/** What is no JavaScript among the packages, and is loaded by the base's C library. */
const nativeParts = (): string[] =>
  ['@node-rs', 'better-sqlite3', 'better-sqlite3-13']
    .map((name) => join(ROOT, 'node_modules', name))
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => nativeIn(directory));

function nativeIn(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.node')).map((file) => join(directory, file));
}

/** The libraries of the system that a program is linked to. */
function librariesOf(path: string): string[] {
  const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
  return (stdout.match(/\/\S+/g) ?? []).filter((library) => existsSync(library));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(realpathSync(from), to);
}

/** What a service of `compose.yaml` is given, as options of `podman run`. */
export function optionsOfCompose(): string[] {
  const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');
  const options: [RegExp, string[]][] = [
    [/^ {4}read_only: true$/m, ['--read-only']],
    [/^ {4}cap_drop: \[ALL\]$/m, ['--cap-drop=ALL']],
    [/^ {4}security_opt: \['no-new-privileges:true'\]$/m, ['--security-opt=no-new-privileges']],
  ];
  for (const [line] of options) if (!line.test(text)) throw new Error(`compose.yaml has no ${line}`);
  return options.flatMap(([, option]) => option);
}
