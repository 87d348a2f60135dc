// Puts what `CLUSTER_REPORT=<file> npm run test:cluster` has written into docs/CLUSTER.md: `node scripts/cluster-report.mjs <file>`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const PAGE = fileURLToPath(new URL('../docs/CLUSTER.md', import.meta.url));
const PLACE = /(<!-- report -->\n)[^]*(\n<!-- \/report -->)/;

const [path] = process.argv.slice(2);
if (!path) throw new Error('Which file?');
const runs = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const sum = (field) => runs.reduce((total, run) => total + run[field], 0);
const findings = runs.flatMap((run) => run.findings.map((finding) => ({ seed: run.seed, finding })));
const kinds = new Map();
for (const [kind, count] of runs.flatMap((run) => Object.entries(run.kinds)))
  kinds.set(kind, (kinds.get(kind) ?? 0) + count);
const endings = new Map();
for (const [why, count] of runs.flatMap((run) => Object.entries(run.endings ?? {})))
  endings.set(why, (endings.get(why) ?? 0) + count);
const one = (values) => [...new Set(values)].join(' or ');

const text = `### The last report

${sum('faults')} faults in ${sum('rounds')} rounds and ${runs.length === 1 ? 'one run (seed' : `${runs.length} runs (seeds`} ${runs.map(({ seed }) => seed).join(', ')}), on ${one(runs.map(({ servers }) => servers))}
servers and ${one(runs.map(({ databases }) => databases))} database nodes: ${sum('operations')} operations, ${sum('ended')} times a server ended by itself and was started
again, all was well again after at most ${Math.ceil(Math.max(...runs.map(({ slowestHealMs }) => slowestHealMs)) / 1000)} s, ${Math.round(sum('seconds') / 60)} minutes. **${findings.length} findings${findings.length > 0 ? ':' : '.'}**

${findings.map(({ seed, finding }) => `- seed ${seed}, ${finding.replaceAll('\n', ' ').slice(0, 300)}`).join('\n')}

${[...endings].map(([why, count]) => `- ${count} × a server ended by itself, ${why}`).join('\n')}

| part and fault | how often |
| --- | --- |
${[...kinds]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([kind, count]) => `| ${kind} | ${count} |`)
  .join('\n')}
`;

const page = readFileSync(PAGE, 'utf8').replace(PLACE, (_all, begin, end) => `${begin}\n${text}${end}`);
const options = await prettier.resolveConfig(PAGE);
writeFileSync(PAGE, await prettier.format(page, { ...options, filepath: PAGE }));
