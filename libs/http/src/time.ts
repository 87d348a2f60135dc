const RFC_3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339 has four digits for a year, which an offset can lead beyond. */
const YEAR_10000 = Date.UTC(10_000);

/**
 * Reads a moment as RFC 3339 writes it, in milliseconds since 1970. None for anything else, also for a day that its month
 * does not have, which `Date` would take for one in the next month.
 */
export function parseTime(text: string): number | undefined {
  const upper = text.toUpperCase();
  const [, year, month, day] = RFC_3339.exec(upper) ?? [];
  if (day === undefined || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  const time = Date.parse(upper);
  return time < YEAR_10000 ? time : undefined;
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
