// Writes README's table of settings and `.env.example` from the settings themselves; with --check it only tells whether
// they are fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';
import { format, resolveConfig } from 'prettier';

const { SETTINGS } = await import(new URL('../dist/libs/config/src/index.js', import.meta.url).href);
const settings = Object.values(SETTINGS);

function row({ variable, byDefault, absent, about }) {
  const value = byDefault === undefined ? `none: ${absent}` : byDefault === '' ? 'empty' : `\`${byDefault}\``;
  return `| \`${variable}\` | ${absent?.includes('://') ? absent : value} | ${about} |`;
}

async function readme(before, path) {
  const table = ['| variable | default | |', '| --- | --- | --- |', ...settings.map(row)].join('\n');
  const text = before.replace(/(<!-- settings -->\n)[^]*(\n<!-- \/settings -->)/, `$1\n${table}\n$2`);
  return format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
}

function example() {
  const blocks = settings.map(({ variable, byDefault, absent, about }) => {
    const without = byDefault === undefined ? ` (without it: ${absent})` : '';
    return `# ${about}${without}`.replaceAll('`', '') + `\n# ${variable}=${byDefault ?? ''}\n`;
  });
  return `# Copy to .env, for development or compose. What stands in the environment counts first.\n\n${blocks.join('\n')}`;
}

for (const [name, make] of Object.entries({ 'README.md': readme, '.env.example': example })) {
  const path = new URL(`../${name}`, import.meta.url);
  const before = readFileSync(path, 'utf8');
  const after = await make(before, path);
  if (before === after) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${name} is out of date: npm run settings-docs\n`);
    process.exitCode = 1;
  } else writeFileSync(path, after);
}
