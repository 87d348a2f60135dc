const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** @param time milliseconds since 1970 @returns e.g. `3 days ago (2026-01-31T12:00:00.000Z)` */
export function ago(time: number): string {
  const passed = Math.max(0, Date.now() - time);
  const [name, length] = UNITS.find(([, unit]) => passed >= unit) ?? ['second', 1000];
  const count = Math.floor(passed / length);
  return `${count} ${name}${count === 1 ? '' : 's'} ago (${new Date(time).toISOString()})`;
}
