import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { freePort } from '../support/ports.js';

const ROOT = join(import.meta.dirname, '../..');
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
/** The last stage, which is the image. */
const IMAGE = DOCKERFILE.split(/^FROM /m)
  .at(-1)!
  .split('\n');
/** Somebody who is not known to the system. */
const USER = 54_321;

const AS_USER = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];

const instruction = (name: string): string[] =>
  IMAGE.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());

describe('what is sent to the builder', () => {
  it('holds all that the Dockerfile copies from the repository', () => {
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    for (const copy of instruction('COPY').filter((line) => !line.includes('--from'))) {
      const [source] = copy.split(' ').filter((part) => !part.startsWith('--'));
      expect(statSync(join(ROOT, source!)).isDirectory()).toBe(true);
      expect(ignored).not.toContain(source!.split('/')[0]);
    }
  });
});

/** A directory's content under a second name, or copied where that is on another file system. */
function linkAll(from: string, to: string): void {
  if (spawnSync('cp', ['-rl', from, to]).status !== 0) cpSync(from, to, { recursive: true });
}

/** The image's own steps in a directory of a test's: no container engine is needed for what users run into. */
describeWith('setpriv', 'the image, put together as the Dockerfile says', (setpriv) => {
  let root: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    root = temporaryDirectory();
    // The other user must be able to get there.
    chmodSync(root, 0o755);
    for (const directory of ['app', 'bin', 'data']) mkdirSync(join(root, directory));
    for (const copy of instruction('COPY')) {
      const [source, target] = copy.split(' ').filter((part) => !part.startsWith('--'));
      put(source!.replace('/app/', ''), target!);
    }
    chmodSync(join(root, 'data'), 0o1777);
    const given = instruction('ENV')
      .flatMap((line) => line.split(/\s+/))
      .map((pair) => pair.split('=') as [string, string]);
    const port = String(await freePort());
    environment = {
      ...Object.fromEntries(given),
      ...{ PATH: `${join(root, 'bin')}:${process.env.PATH}`, PORT: port, HOST: '127.0.0.1' },
      DATA_DIR: Object.fromEntries(given).DATA_DIR!.replace('/data', join(root, 'data')),
    };
  });

  function put(source: string, target: string): void {
    if (source === 'node_modules') return linkAll(join(ROOT, source), join(root, 'app', source));
    if (target !== '/usr/local/bin/') return cpSync(join(ROOT, source), join(root, 'app', source), { recursive: true });
    for (const name of readdirSync(join(ROOT, source))) {
      const program = readFileSync(join(ROOT, source, name), 'utf8').replaceAll('/app/', `${join(root, 'app')}/`);
      writeFileSync(join(root, 'bin', name), program, { mode: 0o755 });
    }
  }

  /** Runs a command of the image as a user who may write nothing but the data. */
  function run(...command: string[]) {
    return spawn(setpriv!, [...AS_USER, ...command], {
      cwd: join(root, 'app'),
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a command as the first process of its own, as a container does: a signal that it does not handle is none to it. */
  function runFirst(...command: string[]) {
    const args = ['--pid', '--fork', setpriv!, ...AS_USER, ...command];
    return spawn('unshare', args, { cwd: join(root, 'app'), env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function outcome(...command: string[]): Promise<{ code: number; out: string; err: string }> {
    const child = run(...command);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number, out, err };
  }

  it('serves under whichever user id it is started, is healthy, is administered by `defdrive` and ends on SIGTERM', async () => {
    const [check] = JSON.parse(/CMD (\[.*\])/.exec(instruction('HEALTHCHECK')[0]!)![1]!) as [string];
    expect((await outcome(check)).code).toBe(1);
    const server = runFirst(...(JSON.parse(instruction('CMD')[0]!) as string[]));
    const closed = once(server, 'close');
    let output = '';
    for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
      output += String(chunk);
      if (output.includes('is ready at')) break;
    }
    expect((await outcome(check)).code).toBe(0);
    const users = await outcome('defdrive', 'users', 'list', '--json');
    expect([users.code, users.err]).toEqual([0, '']);
    const { uid, mode } = statSync(environment.DATA_DIR!);
    expect([uid, (mode & 0o777).toString(8)]).toEqual([USER, '700']);
    const [first] = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').split(' ');
    process.kill(Number(first), 'SIGTERM');
    expect(await closed).toEqual([0, null]);
  });
});
