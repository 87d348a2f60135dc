/** How many backups stay: the last ones, and the last of each of so many days, weeks and months that have one. */
export interface Retention {
  readonly last?: number | undefined;
  readonly daily?: number | undefined;
  readonly weekly?: number | undefined;
  readonly monthly?: number | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** 1970 began on a Thursday; weeks begin on Monday. */
const MONDAY = 3;

const PERIODS: readonly [keyof Retention, (time: number) => string | number][] = [
  ['last', (time) => time],
  ['daily', (time) => Math.floor(time / DAY_MS)],
  ['weekly', (time) => Math.floor((time / DAY_MS + MONDAY) / 7)],
  ['monthly', (time) => new Date(time).toISOString().slice(0, 7)],
];

/**
 * Which backups stay; without any number all of them. The newest always does.
 * @param times milliseconds since 1970, in UTC days
 */
export function retained(times: readonly number[], retention: Retention): Set<number> {
  const newestFirst = [...times].toSorted((a, b) => b - a);
  const rules = PERIODS.filter(([name]) => retention[name] !== undefined);
  if (rules.length === 0) return new Set(times);
  const kept = new Set(newestFirst.slice(0, 1));
  for (const [name, periodOf] of rules) {
    const newestOf = new Map<string | number, number>();
    for (const time of newestFirst) if (!newestOf.has(periodOf(time))) newestOf.set(periodOf(time), time);
    for (const time of [...newestOf.values()].slice(0, retention[name])) kept.add(time);
  }
  return kept;
}
