// Writes the figures of the last full run into docs/PERFORMANCE.md, between its markers, and draws its plots.
// Usage: npm run bench:report
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { plot } from './support/plot.mjs';

const PAGE = new URL('../docs/PERFORMANCE.md', import.meta.url);
const PLOTS = new URL('../docs/performance/', import.meta.url);
const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

const read = (name) => JSON.parse(readFileSync(new URL(`results/${name}.json`, import.meta.url), 'utf8'));
const latest = read('latest');
const curves = read('curves');

const page = readFileSync(PAGE, 'utf8');
const [before, rest] = page.split(BEGIN);
const after = rest.split(END)[1];
writeFileSync(PAGE, `${before}${BEGIN}\n\n${figures(latest)}\n\n${END}${after}`);

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
