import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@app/config';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';

const ROOT = join(import.meta.dirname, '../..');
const FILES = ['CHANGELOG.md', 'package.json', 'package-lock.json', 'openapi.json'];
const versionsOf = (changelog: string) => [...changelog.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);

it('the changelog, package.json, the lock file, the document and what health says are of one version', () => {
  const [changelog, own, lock, document] = FILES.map((name) => readFileSync(join(ROOT, name), 'utf8'));
  const { version } = JSON.parse(own!) as { version: string };
  expect(VERSION).toBe(version);
  expect(JSON.parse(document!).info.version).toBe(version);
  expect([JSON.parse(lock!).version, JSON.parse(lock!).packages[''].version]).toEqual([version, version]);
  const [top, ...released] = versionsOf(changelog!).filter((heading) => /^(Unreleased|\d)/.test(heading));
  expect(top).toBe('Unreleased');
  // Before the first release there is none.
  for (const heading of released) expect(heading).toMatch(/^\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)$/);
  expect(released[0]?.split(' ')[0] ?? version).toBe(version);
});

describe('npm run release', () => {
  let directory: string;
  const git = (...args: string[]) => execFileSync('git', args, { cwd: directory, encoding: 'utf8' });
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  const release = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/release.mjs'), ...args], { cwd: directory, encoding: 'utf8' });

  beforeEach(() => {
    directory = temporaryDirectory();
    for (const name of FILES) copyFileSync(join(ROOT, name), join(directory, name));
    writeFileSync(join(directory, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n');
    git('init', '--quiet');
    git('config', 'user.name', 'Somebody');
    git('config', 'user.email', 'somebody@example.org');
    git('add', '.');
    git('commit', '--quiet', '--message', 'before');
  });

  it('makes of what is unreleased a section, a commit and a tag', () => {
    expect(release('77.1.0')).toMatchObject({ status: 0, stderr: '' });
    expect(read('CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 77\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n### Added\n\n- A thing\.\n$/,
    );
    for (const name of FILES.slice(1)) {
      const [before, after] = [readFileSync(join(ROOT, name), 'utf8'), read(name)];
      // And nothing else in them.
      expect(after).toBe(
        name === 'package-lock.json'
          ? lockOf(before, '77.1.0')
          : before.replaceAll(`"version": "${VERSION}"`, '"version": "77.1.0"'),
      );
    }
    expect(git('tag', '--list', '--format=%(refname:short) %(contents)')).toMatch(
      /^v77\.1\.0 DefDrive 77\.1\.0\n\n### Added\n\n- A thing\./,
    );
    expect([git('log', '-1', '--format=%s').trim(), git('status', '--porcelain')]).toEqual([
      'chore: release 77.1.0',
      '',
    ]);
    expect(release('77.1.1').stderr).toBe('error: CHANGELOG.md has nothing under "Unreleased"\n');
  });

  it.each([
    ['no version', [], /^error: say which version/],
    ['no version of three numbers', ['1.0'], /^error: say which version/],
    ['an older version', ['0.0.9'], /^error: 0\.0\.9 does not come after \d/],
  ])('refuses %s, and changes nothing', (_what, args, said) => {
    const { status, stderr } = release(...args);
    expect([status, stderr]).toEqual([1, expect.stringMatching(said)]);
    expect([git('status', '--porcelain'), git('tag')]).toEqual(['', '']);
  });

  it('refuses changes that nobody committed, and a tag that is there', () => {
    writeFileSync(join(directory, 'CHANGELOG.md'), `${read('CHANGELOG.md')}- More.\n`);
    expect(release('77.1.0').stderr).toBe('error: there are changes that are not committed\n');
    git('commit', '--quiet', '--all', '--message', 'more');
    git('tag', 'v77.1.0');
    expect(release('77.1.0').stderr).toBe('error: there is a tag v77.1.0 already\n');
  });
});

function lockOf(text: string, version: string): string {
  const lock = JSON.parse(text) as { version: string; packages: Record<string, { version: string }> };
  lock.version = version;
  lock.packages['']!.version = version;
  return `${JSON.stringify(lock, null, 2)}\n`;
}
