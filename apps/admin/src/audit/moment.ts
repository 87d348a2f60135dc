import { AdminError } from '../exit.js';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * @param text a day or time as RFC 3339 has it, in this machine's zone where it names none, or how long ago: `30m`, `24h`, `7d`
 * @returns milliseconds since 1970
 * @throws AdminError for anything else
 */
export function parseMoment(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Date.now() - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const at = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new AdminError(`${option} must be a time such as 2026-11-27, 2026-11-27T14:00, 24h or 7d`);
  return at;
}
