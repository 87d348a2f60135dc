const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const SIZE = /^(\d{1,16})\s*(?:(B|KiB|MiB|GiB|TiB|PiB)|([KMGTP]))?$/;

/** @param bytes e.g. 1536 @returns e.g. `1.5 KiB` */
export function formatBytes(bytes: number): string {
  const power = Math.min(bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/**
 * Reads a size.
 * @param text a number of bytes, or one with a unit: `1073741824`, `1GiB`, `1G`
 * @returns bytes; undefined for anything else
 */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit, letter] = SIZE.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const power = UNITS.findIndex((name) => name === (unit ?? `${letter}iB`));
  const bytes = Number(digits) * 1024 ** Math.max(power, 0);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
