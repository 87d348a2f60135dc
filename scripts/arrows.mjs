// Who may import whom: the one list behind the lint rule (.oxlintrc.json), its test (test/house) and the table in
// docs/ARCHITECTURE.md. `npm run arrows` writes both anew, `npm run arrows:check` fails where one is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';

/** A lib, and the libs whose door it may enter; the lowest first. */
export const ARROWS = {
  contract: [],
  config: [],
  'data-directory': ['config'],
  http: ['contract', 'config'],
  telemetry: [],
  database: ['config', 'data-directory'],
  leases: ['config', 'data-directory', 'http', 'database'],
  storage: ['config'],
  accounts: ['contract', 'config', 'data-directory', 'http', 'database'],
  files: ['contract', 'config', 'data-directory', 'http', 'database', 'leases', 'storage', 'accounts'],
  sharing: ['contract', 'config', 'http', 'database', 'accounts', 'files'],
  integrity: [
    'contract',
    'config',
    'data-directory',
    'http',
    'database',
    'leases',
    'storage',
    'accounts',
    'files',
    'sharing',
  ],
};

const WITHIN = { regex: '^\\.\\.?/(.*/)?(src|libs|apps)/', message: 'A relative import stays within its lib.' };
const DATABASE = '^(@nestjs/)?typeorm(/|$)';

/** What a lib may not import beside what the arrows say. */
const FORBIDDEN = {
  storage: [{ regex: DATABASE, message: 'storage moves bytes and never sees a record.' }],
};

function listed(names) {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function override(files, allowed, subject, further) {
  const message = allowed.length > 0 ? `imports no lib but ${listed(allowed)}` : 'imports no other lib';
  const group = ['@app/*', '@app/*/**', ...allowed.map((lib) => `!@app/${lib}`)];
  const doors = { group, message: `${subject} ${message}, each by its door (docs/ARCHITECTURE.md).` };
  return { files, rules: { 'no-restricted-imports': ['error', { patterns: [doors, ...further, WITHIN] }] } };
}

const ofLib = ([lib, allowed]) => override([`libs/${lib}/**`], allowed, lib, FORBIDDEN[lib] ?? []);
const ofControllers = ([lib, allowed]) =>
  override(
    [`libs/${lib}/**/*.controller.ts`],
    allowed.filter((name) => name !== 'storage'),
    `A controller of ${lib}`,
    [{ regex: DATABASE, message: 'A controller asks its service; it never touches the database.' }],
  );

function lintRules(text) {
  const config = JSON.parse(text);
  const entries = Object.entries(ARROWS);
  const ours = [...entries.map(ofLib), ...entries.map(ofControllers)];
  const isOurs = ({ files, rules }) => rules['no-restricted-imports'] && /^libs\/[\w-]+\/\*\*/.test(files[0]);
  const first = config.overrides.findIndex(isOurs);
  const others = config.overrides.filter((entry) => !isOurs(entry));
  return JSON.stringify({ ...config, overrides: others.toSpliced(first, 0, ...ours) });
}

function picture(text) {
  const rows = Object.entries(ARROWS).map(([lib, allowed]) => `| \`${lib}\` | ${allowed.join(', ') || '—'} |`);
  const table = ['| lib | may import |', '| --- | --- |', ...rows].join('\n');
  return text.replace(/(<!-- arrows -->\n)[^]*(\n<!-- \/arrows -->)/, `$1\n${table}\n$2`);
}

const GENERATED = { '.oxlintrc.json': lintRules, 'docs/ARCHITECTURE.md': picture };

async function main() {
  const check = process.argv.includes('--check');
  for (const [path, make] of Object.entries(GENERATED)) {
    const before = readFileSync(path, 'utf8');
    const options = JSON.parse(readFileSync('.prettierrc.json', 'utf8'));
    const after = await format(make(before), { ...options, filepath: path });
    if (before === after) continue;
    if (check) {
      process.stderr.write(`${path} is out of date: npm run arrows\n`);
      process.exitCode = 1;
    } else writeFileSync(path, after);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
