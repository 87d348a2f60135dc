// Writes the figures of the last full run with each Node.js, of the last soak and the last profiles into docs/PERFORMANCE.md,
// between its markers, and draws the plots.
// Usage: npm run bench:report
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SOAK_PLOTS, soakTable } from './soak/page.mjs';
import { plot } from './support/plot.mjs';

const PAGE = new URL('../docs/PERFORMANCE.md', import.meta.url);
const PLOTS = new URL('../docs/performance/', import.meta.url);

const RESULTS = new URL('results/', import.meta.url);
const place = (name) => new URL(`${name}.json`, RESULTS);
const read = (name) => JSON.parse(readFileSync(place(name), 'utf8'));

const CLIENTS = { label: 'clients at once', values: [1, 2, 4, 8, 16, 32] };
const OVER_CLIENTS = [
  { name: 'delete', title: 'Deletes per second (3 accesses each)', floor: 'raw driver and unlink, one at a time' },
  { name: 'upload', title: 'Uploads of 1 KiB per second', floor: 'write, hash, sync and link, one at a time' },
  { name: 'download', title: 'Downloads of 1 KiB per second', floor: 'nginx static, 16 clients' },
];
const OVER_FILES = [
  { name: 'list', title: 'Median time of a page of 50 files, in milliseconds' },
  { name: 'search', title: 'Median time of a search that finds nothing, in milliseconds' },
  { name: 'delete', title: 'Median time of a delete, in milliseconds' },
];
const ENGINES = Object.entries({ sqlite: 'SQLite', mariadb: 'MariaDB' });

const curves = read('curves');
const drawn = [...overClients(), ...overFiles()];
const blocks = { bench: figures(fullRuns()), profile: profileTable(read('profile')), soak: soak() };
writeFileSync(PAGE, Object.entries(blocks).reduce(withBlock, readFileSync(PAGE, 'utf8')));

function overClients() {
  return OVER_CLIENTS.map(({ name, title, floor }) => {
    const { drive, floor: value } = curves[name];
    const lines = [{ name: 'DefDrive', values: drive }];
    return draw(name, { title, x: CLIENTS, lines, level: { name: floor, value } });
  });
}

/** Those that the last run has measured. */
function overFiles() {
  return OVER_FILES.flatMap(({ name, title }) => {
    const measured = ENGINES.filter(([engine]) => curves[`${name}-${engine}`]);
    const lines = measured.map(([engine, called]) => ({ name: called, values: curves[`${name}-${engine}`].p50 }));
    const [[engine] = ['']] = measured;
    if (engine === '') return [];
    const x = { label: 'files of the owner', values: curves[`${name}-${engine}`].files };
    return [draw(name === 'list' ? name : `${name}-files`, { title, x, lines })];
  });
}

function soak() {
  if (!existsSync(place('soak'))) return 'None has been run yet.';
  const result = read('soak');
  const plots = SOAK_PLOTS.map(({ name, of }) => draw(name, of(result)));
  return [soakTable(result), '', ...plots.map(image)].join('\n');
}

/** The page with this text between the markers of that name. */
function withBlock(page, [name, text]) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest = ''] = page.split(begin);
  const [, after = ''] = rest.split(end);
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

/** @returns the plot's name */
function draw(name, options) {
  mkdirSync(PLOTS, { recursive: true });
  writeFileSync(new URL(`${name}.svg`, PLOTS), plot(options));
  return name;
}

function image(name) {
  return `![${name}](performance/${name}.svg)`;
}

/** The last one with each Node.js, the newest Node.js first. */
function fullRuns() {
  const names = readdirSync(RESULTS).flatMap((file) => /^(node-\d+)\.json$/.exec(file)?.[1] ?? []);
  return names.map(read).toSorted((a, b) => Number(majorOf(b)) - Number(majorOf(a)));
}

function majorOf({ versions }) {
  return versions.node.slice(1).split('.')[0];
}

function figures(runs) {
  const rows = new Map(runs.flatMap((run) => run.rows.map((row) => [row.name, row])));
  const found = (name) => runs.map((run) => run.rows.find((row) => row.name === name));
  const table = [...rows.values()].map(({ name, goal, better }) => {
    const measured = found(name).map((row) => (row ? figure(row) : '–'));
    return `| ${[name, ...measured, `${better === 'higher' ? '≥' : '≤'} ${goal}`].join(' | ')} |`;
  });
  const columns = ['measured', ...runs.map((run) => `Node.js ${majorOf(run)}`), 'goal'];
  return [
    ...runs.map(told),
    '',
    'A figure that misses its goal stands out.',
    '',
    `| ${columns.join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...table,
    '',
    ...drawn.map(image),
  ].join('\n');
}

function figure({ ratio, spread, holds }) {
  return holds ? `${ratio} ± ${spread}` : `**${ratio} ± ${spread}**`;
}

function told({ date, versions, processor, rounds }) {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `- ${date.slice(0, 10)}, ${rounds} rounds, on ${processor}, with ${named.join(', ')}`;
}
