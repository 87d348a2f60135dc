// What docs/PERFORMANCE.md says of a soak.

/** Points of a curve at most; each is the highest of the samples that it stands for. */
const POINTS = 30;

/** @typedef {{ date: string, minutes: number, versions: Record<string, string>, done: Record<string, number>, figures: import('./figures.mjs').Figure[], samples: Record<string, number>[] }} Soak */

export const SOAK_PLOTS = [
  {
    name: 'soak-memory',
    of: (soak) =>
      curves(soak, 'What the server holds under the load, in MiB', {
        memory: 'memory',
        heap: 'heap',
        wal: 'write-ahead log',
      }),
  },
  {
    name: 'soak-counts',
    of: (soak) =>
      curves(soak, 'What the server has open or has still to do under the load', {
        descriptors: 'descriptors',
        temporary: 'temporary files',
        removals: 'removals to settle',
      }),
  },
];

/** @param {Soak} soak */
export function soakTable({ date, minutes, versions, done, figures }) {
  const requests = Object.entries(done).map(([what, count]) => `${count.toLocaleString('en')} ${what}`);
  return [
    `${minutes} minutes, ${date.slice(0, 10)}, with node ${versions.node}: ${requests.join(', ')}.`,
    '',
    '| at rest | begin | highest under the load | end | may end at | holds |',
    '|---|---|---|---|---|---|',
    ...figures.map(({ name, begin, highest, end, most, judged, holds }) => {
      const verdict = judged ? (holds ? 'yes' : '**no**') : 'too short to tell';
      return `| ${[name, begin, highest, end, most, verdict].join(' | ')} |`;
    }),
  ].join('\n');
}

/** @param {Soak} soak @param {string} title @param {Record<string, string>} names of the lines, by the field of a sample */
function curves({ samples }, title, names) {
  const size = Math.ceil(samples.length / POINTS);
  const groups = Array.from({ length: Math.ceil(samples.length / size) }, (_, n) =>
    samples.slice(n * size, (n + 1) * size),
  );
  const minutes = groups.map((group) => Number((Number(group.at(-1)?.seconds) / 60).toFixed(1)));
  return {
    title,
    x: { label: 'minutes', values: minutes, every: Math.ceil(groups.length / 10) },
    lines: Object.entries(names).map(([field, name]) => ({
      name,
      values: groups.map((group) => Math.max(...group.map((sample) => Number(sample[field])))),
    })),
  };
}
