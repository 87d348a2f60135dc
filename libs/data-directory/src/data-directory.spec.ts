import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@app/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outputOf, startScript } from '../../../test/support/script.js';
import {
  type DataDirectoryLock,
  isDataDirectoryLocked,
  lockDataDirectory,
  prepareDataDirectory,
} from './data-directory.js';
import { readOrCreateSecret } from './secrets.js';

const SCRIPT = 'test/support/data-directory.script.ts';

let parent: string;
let dataDir: string;
const umask = process.umask();
const children: ChildProcess[] = [];
const locks: DataDirectoryLock[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'defdrive-'));
  dataDir = join(parent, 'data');
});
afterEach(async () => {
  process.umask(umask);
  for (const lock of locks.splice(0)) lock.release();
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(parent, { recursive: true });
});

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function start(task: 'secret' | 'lock'): ChildProcess {
  const child = startScript(SCRIPT, task, dataDir);
  children.push(child);
  return child;
}

/** Another process that holds the lock. */
async function holder(): Promise<ChildProcess> {
  const child = start('lock');
  expect(String((await once(child.stdout!, 'data'))[0])).toBe('locked');
  return child;
}

function lock(): DataDirectoryLock {
  const taken = lockDataDirectory(dataDir);
  locks.push(taken);
  return taken;
}

describe('prepareDataDirectory', () => {
  it("makes the directory, and all that comes after, its user's alone", () => {
    dataDir = join(parent, 'a/b/data');
    process.umask(0);
    prepareDataDirectory(dataDir);
    writeFileSync(join(dataDir, 'file'), '', { mode: 0o666 });
    expect([mode(dataDir), mode(join(dataDir, 'file'))]).toEqual(['700', '600']);
  });

  it('takes one that is there as it is', () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'kept'), 'kept');
    prepareDataDirectory(dataDir);
    expect(readFileSync(join(dataDir, 'kept'), 'utf8')).toBe('kept');
  });

  it.each([
    ['a file', () => writeFileSync(dataDir, '')],
    ['a symbolic link', () => (mkdirSync(join(parent, 'real')), symlinkSync(join(parent, 'real'), dataDir))],
    ['a symbolic link to nothing', () => symlinkSync(join(parent, 'nowhere'), dataDir)],
    [
      'something below a file',
      () => {
        writeFileSync(join(parent, 'file'), '');
        dataDir = join(parent, 'file/data');
      },
    ],
  ])('refuses %s in its place', (_what, plant) => {
    plant();
    expect(() => prepareDataDirectory(dataDir)).toThrow(expect.objectContaining({ variable: 'DATA_DIR' }));
    expect(existsSync(join(parent, 'nowhere'))).toBe(false);
  });
});

describe('readOrCreateSecret', () => {
  beforeEach(() => mkdirSync(dataDir));

  it('makes a long secret for its user alone, once', () => {
    const secret = readOrCreateSecret(dataDir);
    expect(secret).toMatch(/^[\w-]{64}$/);
    expect(readOrCreateSecret(dataDir)).toBe(secret);
    expect([readdirSync(dataDir), mode(join(dataDir, 'jwt.secret'))]).toEqual([['jwt.secret'], '600']);
  });

  it('makes another one for another directory', () => {
    expect(readOrCreateSecret(dataDir)).not.toBe(readOrCreateSecret(parent));
  });

  it('gives one secret to all processes that start at once', async () => {
    const starting = Array.from({ length: 4 }, () => start('secret'));
    const outputs = starting.map(outputOf);
    for (const child of starting) child.stdin!.end();
    const [first, ...others] = await Promise.all(outputs);
    expect(first).toBe(readOrCreateSecret(dataDir));
    expect(new Set(others)).toEqual(new Set([first]));
    expect(readdirSync(dataDir)).toEqual(['jwt.secret']);
  });

  it('takes up a start that died while it made one', () => {
    writeFileSync(join(dataDir, `jwt.secret.${process.pid}`), 'hal');
    expect(readOrCreateSecret(dataDir)).toMatch(/^[\w-]{64}$/);
    expect(readdirSync(dataDir)).toEqual(['jwt.secret']);
  });

  it.each(['', '\n', 'short'])('refuses a damaged one, and leaves it: %j', (text) => {
    writeFileSync(join(dataDir, 'jwt.secret'), text);
    expect(() => readOrCreateSecret(dataDir)).toThrow(/^DATA_DIR holds a damaged jwt\.secret/);
    expect(readFileSync(join(dataDir, 'jwt.secret'), 'utf8')).toBe(text);
  });
});

describe('lockDataDirectory', () => {
  beforeEach(() => mkdirSync(dataDir));

  it('lets one in at a time, in one process and the next', async () => {
    expect(isDataDirectoryLocked(dataDir)).toBe(false);
    const first = lock();
    expect(() => lockDataDirectory(dataDir)).toThrow(ConfigError);
    expect(isDataDirectoryLocked(dataDir)).toBe(true);
    await expect(outputOf(start('lock'))).rejects.toThrow(/is in use by another DefDrive process/);
    first.release();
    expect(isDataDirectoryLocked(dataDir)).toBe(false);
    lock();
  });

  it('is refused while another process holds it, and free once that is killed', async () => {
    const other = await holder();
    expect(() => lockDataDirectory(dataDir)).toThrow(/^DATA_DIR is in use by another DefDrive process/);
    expect(isDataDirectoryLocked(dataDir)).toBe(true);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(isDataDirectoryLocked(dataDir)).toBe(false);
    lock();
  });

  it('is not given up by a look at it, by garbage collection or by a process that was refused', async () => {
    const other = await holder();
    for (let n = 0; n < 3; n += 1) expect(isDataDirectoryLocked(dataDir)).toBe(true);
    await expect(outputOf(start('lock'))).rejects.toThrow(/in use/);
    other.stdin!.write('collect garbage\n');
    await once(other.stdout!, 'data');
    expect(() => lockDataDirectory(dataDir)).toThrow(/in use/);
  });

  it('of a directory that cannot be written fails before anything else', () => {
    rmSync(dataDir, { recursive: true });
    expect(() => lockDataDirectory(dataDir)).toThrow();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'lock'), 'no lock, but much longer than the header of a database'.repeat(20));
    expect(() => lockDataDirectory(dataDir)).toThrow();
    chmodSync(dataDir, 0o700);
  });
});
