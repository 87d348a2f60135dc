import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

describe('status', () => {
  // One of the tests takes the bytes of its file away.
  const drive = driveFixture({}, { checked: 'never' });
  beforeAll(async () => {
    await (await drive.signUp('alice')).file('a.txt', 'bytes');
  });
  const status = async () => (await admin(drive.config, ['status', '--json'])).json[0]!;

  it('shows everything on one screen', async () => {
    expect(await status()).toMatchObject({
      ...{ users: 1, admins: 0, usersDisabled: 0, files: 1, bytes: 5, accesses: 0, served: true },
      ...{ removalsWaiting: 0, removalsFailing: 0, oldestRemovalAt: null, uploadsUnderWay: 0, uploadsUnfinished: 0 },
      ...{ maintenance: null, lastCheck: null, lastBackup: null, node: process.version },
      storage: { kind: 'local', free: expect.any(Number) },
      database: { kind: testEngine(), version: expect.any(String) },
    });
    const { code, out } = await admin(drive.config, ['status']);
    expect(code).toBe(0);
    expect(out.split('\n').length).toBeLessThan(24);
    expect(out).toMatch(/^server +runs$/m);
    expect(out).toMatch(/^files +1, 5 B; .* free$/m);
    expect(out).toMatch(/^last check +never/m);
  });

  it('knows the last check, and ends with 2 while that has found something', async () => {
    await admin(drive.config, ['storage', 'check', '--deep']);
    expect((await status()).lastCheck).toMatchObject({ clean: true, deep: true, findings: 0, files: 1 });
    rmSync(join(drive.config.dataDir, 'uploads/alice/a.txt'));
    await admin(drive.config, ['storage', 'check']);
    const { code, out } = await admin(drive.config, ['status']);
    expect([code, out]).toEqual([2, expect.stringMatching(/^last check +\d+ seconds? ago .*: 1 FINDINGS$/m)]);
  });

  it('knows when no server runs', async () => {
    await drive.close();
    expect((await status()).served).toBe(false);
    await drive.open();
  });
});

describe('completion', () => {
  const directory = temporaryDirectory();

  async function scriptFor(shell: string): Promise<string> {
    const { code, out, err } = await admin({ dataDir: '/nowhere' }, ['completion', shell]);
    expect([code, err]).toEqual([0, '']);
    const path = join(directory, `defdrive.${shell}`);
    writeFileSync(path, out);
    return path;
  }

  /** What bash offers behind these words. */
  async function offers(...words: string[]): Promise<string[]> {
    const list = ['defdrive', ...words].map((word) => `'${word}'`).join(' ');
    const asked = `source ${await scriptFor('bash')}; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _defdrive; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', asked], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  }

  it('completes groups, commands and options in bash', async () => {
    expect(await offers('us')).toEqual(['users']);
    expect(await offers('users', 'set-')).toEqual(['set-limits', 'set-role']);
    expect(await offers('users', 'create', '--pass')).toEqual(['--password-stdin']);
    expect(await offers('links', 'revoke', '--user', 'alice', '--older')).toEqual(['--older-than']);
    expect(await offers('')).toContain('status');
  });

  it('refuses another shell', async () => {
    const { code, err } = await admin({ dataDir: '/nowhere' }, ['completion', 'tcsh']);
    expect([code, err]).toEqual([1, 'error: There are scripts for bash, zsh, fish, not for tcsh\n']);
  });

  describeWith('zsh', 'in zsh', (zsh) => {
    it('is a script that it takes, and that finds its place', async () => {
      const path = await scriptFor('zsh');
      const asked = `compdef() { :; }; _files() { :; }; _describe() { print -l -- \${(P)4}; }; source ${path}; words=(defdrive users set-); CURRENT=3; _defdrive`;
      const { stdout, stderr } = spawnSync(zsh, ['-f', '-c', asked], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout).toContain('set-limits:Set what a user may store');
    });
  });

  describeWith('fish', 'in fish', (fish) => {
    it('completes commands and options', async () => {
      const path = await scriptFor('fish');
      const asked = (line: string) =>
        spawnSync(fish, ['--no-config', '-c', `source ${path}; complete -C '${line}'`], { encoding: 'utf8' }).stdout;
      expect(asked('defdrive users set-')).toBe(
        'set-limits\tSet what a user may store\nset-role\tMake a user an admin, or an admin a user\n',
      );
      expect(asked('defdrive users create --pass')).toMatch(/^--password-stdin/);
    });
  });
});
