import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** So many `points` in each window of `windowMs` milliseconds. */
export interface Rate {
  readonly points: number;
  readonly windowMs: number;
}

/** Reads the text of a setting. @throws Error whose message says what the value must be, and never what it is */
export type Parse<Value> = (text: string) => Value;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

const refuse = (rule: string): never => {
  throw new Error(rule);
};

export const anyText: Parse<string> = (text) => text;

export function oneOf<const Value extends string>(...values: readonly Value[]): Parse<Value> {
  return (text) => values.find((value) => value === text) ?? refuse(`must be ${values.join(' or ')}`);
}

export function wholeNumber(min: number, max: number): Parse<number> {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : refuse(`must be a whole number from ${min} to ${max}`);
  };
}

/**
 * Reads a size.
 * @param text a number of bytes, or one with a unit: `1073741824`, `1GiB`, `1G`
 * @returns bytes; undefined for anything else
 */
export function parseSize(text: string): number | undefined {
  const [, digits, unit, letter] = /^(\d{1,16})\s*(?:(B|[KMGTP]iB)|([KMGTP]))?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const power = SIZE_UNITS.findIndex((name) => name === (unit ?? `${letter}iB`));
  const bytes = Number(digits) * 1024 ** Math.max(power, 0);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** @returns bytes */
export function size(min: number): Parse<number> {
  return (text) => {
    const bytes = parseSize(text);
    return bytes !== undefined && bytes >= min
      ? bytes
      : refuse(`must be a size such as 10GiB, 500MiB or 1073741824, and at least ${min}`);
  };
}

/** @param max such as `72h` @returns milliseconds */
export function time(max: string): Parse<number> {
  return (text) => {
    const milliseconds = parseTimeSpan(text) ?? refuse('must be a time such as 90s, 30m, 24h or 7d');
    return milliseconds <= parseTimeSpan(max)! ? milliseconds : refuse(`must not be above ${max}`);
  };
}

/** What can be switched off. @returns undefined for `off` */
export function orOff<Value>(parse: Parse<Value>): Parse<Value | undefined> {
  return (text) => (text === 'off' ? undefined : parse(text));
}

export const rate: Parse<Rate> = (text) => {
  const [points = '', window = ''] = text.split('/');
  const windowMs = parseTimeSpan(window);
  if (!/^[1-9]\d{0,8}$/.test(points) || windowMs === undefined || text.split('/').length !== 2) {
    return refuse('must look like 10/15m (so many times in seconds, minutes, hours or days)');
  }
  return { points: Number(points), windowMs };
};

/** A comma-separated list; blanks around an entry and empty entries do not count. */
export function listOf(entry: Parse<string>): Parse<readonly string[]> {
  return (text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(entry);
}

export const network: Parse<string> = (text) => {
  const isNetwork = isIP(text.split('/')[0] ?? '') !== 0 && (!text.includes('/') || ipaddr.isValidCIDR(text));
  return isNetwork ? text : refuse('must be a comma-separated list of addresses or networks in CIDR notation');
};

/** Who may read the metrics beside admins, as networks; nobody may where there is no list. */
export const metricsReaders: Parse<readonly string[] | undefined> = (text) => {
  if (text === 'off') return undefined;
  if (text === 'on') return [];
  try {
    return listOf(network)(text);
  } catch {
    return refuse('must be off, on, or a comma-separated list of addresses or networks in CIDR notation');
  }
};

export const origin: Parse<string> = (text) => {
  const isOrigin = URL.canParse(text) && new URL(text).origin === text;
  return isOrigin ? text : refuse('must be a comma-separated list of origins such as https://drive.example.org');
};

export function matching(pattern: RegExp, rule: string): Parse<string> {
  return (text) => (pattern.test(text) ? text : refuse(rule));
}

/** @returns milliseconds; undefined for what is no time such as `90s`, `30m`, `24h` or `7d` */
export function parseTimeSpan(text: string): number | undefined {
  const [, digits, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
