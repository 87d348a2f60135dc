// Writes the figures of the last full run, and the last profiles, into docs/PERFORMANCE.md, between its markers, and
// draws the plots.
// Usage: npm run bench:report
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { plot } from './support/plot.mjs';

const PAGE = new URL('../docs/PERFORMANCE.md', import.meta.url);
const PLOTS = new URL('../docs/performance/', import.meta.url);

const read = (name) => JSON.parse(readFileSync(new URL(`results/${name}.json`, import.meta.url), 'utf8'));
const latest = read('latest');
const curves = read('curves');

const blocks = { bench: figures(latest), profile: profileTable(read('profile')) };
writeFileSync(PAGE, Object.entries(blocks).reduce(withBlock, readFileSync(PAGE, 'utf8')));

const clients = { label: 'clients at once', values: [1, 2, 4, 8, 16, 32] };
for (const [name, title, floor] of [
  ['delete', 'Deletes per second (3 accesses each)', 'raw driver and unlink, one at a time'],
  ['upload', 'Uploads of 1 KiB per second', 'write, hash, sync and link, one at a time'],
  ['download', 'Downloads of 1 KiB per second', 'nginx static, 16 clients'],
]) {
  const lines = [{ name: 'DefDrive', values: curves[name].drive }];
  draw(name, { title, x: clients, lines, level: { name: floor, value: curves[name].floor } });
}
draw('list', {
  title: 'Median time of a page of 50 files, in milliseconds',
  x: { label: 'files of the owner', values: curves['list-sqlite'].files },
  lines: [
    { name: 'SQLite', values: curves['list-sqlite'].p50 },
    ...(curves['list-mariadb'] ? [{ name: 'MariaDB', values: curves['list-mariadb'].p50 }] : []),
  ],
});

/** The page with this text between the markers of that name. */
function withBlock(page, [name, text]) {
  const [begin, end] = ['begin', 'end'].map((edge) => `<!-- ${name}:${edge} -->`);
  const [before, rest] = page.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

function profileTable({ date, node, groups, profiles }) {
  const rowOf = (name, cells) => `| ${[name, ...cells].join(' | ')} |`;
  return [
    `Profiled ${date.slice(0, 10)} with node ${node}; percent.`,
    '',
    rowOf(
      'main thread',
      profiles.map(({ name }) => name),
    ),
    rowOf(
      '---',
      profiles.map(() => '---'),
    ),
    rowOf(
      'busy, of the time',
      profiles.map(({ busy }) => busy),
    ),
    ...groups.map((group) =>
      rowOf(
        group,
        profiles.map(({ shares }) => shares[group]),
      ),
    ),
  ].join('\n');
}

function draw(name, options) {
  mkdirSync(PLOTS, { recursive: true });
  writeFileSync(new URL(`${name}.svg`, PLOTS), plot(options));
}

function figures({ date, versions, processor, rows }) {
  const table = rows.map(({ name, ratio, spread, goal, better, holds }) => {
    const sign = better === 'higher' ? '≥' : '≤';
    return `| ${name} | ${ratio} ± ${spread} | ${sign} ${goal} | ${holds ? 'yes' : '**no**'} |`;
  });
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured ${date.slice(0, 10)} on ${processor}, with ${named.join(', ')}.`,
    '',
    '| measured | ratio | goal | holds |',
    '|---|---|---|---|',
    ...table,
    '',
    ...['delete', 'upload', 'download', 'list'].map((name) => `![${name}](performance/${name}.svg)`),
  ].join('\n');
}
