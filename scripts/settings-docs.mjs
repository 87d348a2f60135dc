// Writes README's table of settings from the settings themselves; with --check it only tells whether it is fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';
import { format, resolveConfig } from 'prettier';

const { SETTINGS } = await import(new URL('../dist/libs/config/src/index.js', import.meta.url));

function row({ variable, byDefault, absent, about }) {
  const value = byDefault === undefined ? `none: ${absent}` : byDefault === '' ? 'empty' : `\`${byDefault}\``;
  return `| \`${variable}\` | ${absent?.includes('://') ? absent : value} | ${about} |`;
}

const path = new URL('../README.md', import.meta.url);
const table = ['| variable | default | |', '| --- | --- | --- |', ...Object.values(SETTINGS).map(row)].join('\n');
const before = readFileSync(path, 'utf8');
const text = before.replace(/(<!-- settings -->\n)[^]*(\n<!-- \/settings -->)/, `$1\n${table}\n$2`);
const after = await format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(path, after);
else if (before !== after) {
  process.stderr.write("README's table of settings is out of date: npm run settings-docs\n");
  process.exitCode = 1;
}
