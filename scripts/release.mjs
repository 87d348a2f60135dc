// Cuts a release: npm run release -- 0.2.0
// What stands under "Unreleased" becomes the section of that version, package.json, the lock file and openapi.json say the
// version, and all of it is one commit with an annotated tag, whose text is the section. Nothing is pushed.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mark, written } from './lock-marks.mjs';

const UNRELEASED = '## Unreleased\n';
const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const change = (path, work) => writeFileSync(path, work(readFileSync(path, 'utf8')));

/** Says why there is no release, before anything is changed. */
function refuse(reason) {
  process.stderr.write(`error: ${reason}\n`);
  process.exit(1);
}

/** @returns whether the first version comes after the second */
function isAfter(version, other) {
  const numbersOf = (text) => VERSION.exec(text)?.slice(1).map(Number) ?? [];
  const after = numbersOf(other);
  const [step = 0] = numbersOf(version)
    .map((number, place) => number - Number(after[place]))
    .filter(Boolean);
  return step > 0;
}

const [version] = process.argv.slice(2);
const { version: before } = JSON.parse(readFileSync('package.json', 'utf8'));
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const [, unreleased = ''] = changelog.split(UNRELEASED);
const section = String(unreleased.split(/^## /m)[0]).trim();
const isFirst = !/^## \d/m.test(changelog);

if (!VERSION.test(version ?? '')) refuse('say which version it is to be, such as: npm run release -- 0.2.0');
if (!isAfter(version, before) && !(isFirst && version === before)) refuse(`${version} does not come after ${before}`);
if (section === '') refuse('CHANGELOG.md has nothing under "Unreleased"');
if (git('status', '--porcelain') !== '') refuse('there are changes that are not committed');
if (git('tag', '--list', `v${version}`) !== '') refuse(`there is a tag v${version} already`);

const said = (text) => text.replaceAll(`"version": "${before}"`, `"version": "${version}"`);
const heading = `## ${version} (${new Date().toISOString().slice(0, 10)})`;
change('CHANGELOG.md', (text) => text.replace(UNRELEASED, `${UNRELEASED}\n${heading}\n`));
change('package.json', said);
change('openapi.json', said);
change('package-lock.json', (text) => {
  const lock = mark(JSON.parse(text));
  lock.version = version;
  lock.packages[''].version = version;
  return written(lock);
});

const key = git('config', '--default', '', '--get', 'user.signingkey').trim();
git('commit', '--quiet', '--all', '--message', `chore: release ${version}`);
// Without this, lines that begin with # (the headings) would be taken for comments.
git(
  'tag',
  key === '' ? '--annotate' : '--sign',
  `v${version}`,
  '--cleanup=verbatim',
  '--message',
  `DefDrive ${version}\n\n${section}\n`,
);
process.stdout.write(
  `v${version} is committed and tagged. Look at it (git show v${version}), then: git push --follow-tags\n`,
);
