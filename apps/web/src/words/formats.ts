import { words } from './words.svelte.js';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const formats = new Map<string, unknown>();

/** Making a format takes longer than using it a hundred times. */
function cached<Format>(name: string, make: (language: string) => Format): Format {
  const key = `${words.language} ${name}`;
  if (!formats.has(key)) formats.set(key, make(words.language));
  return formats.get(key) as Format;
}

export function number(value: number): string {
  return cached('number', (language) => new Intl.NumberFormat(language)).format(value);
}

export function percent(part: number): string {
  return cached('percent', (language) => new Intl.NumberFormat(language, { style: 'percent' })).format(part);
}

/** Bytes as people read them, in steps of 1,000, as disks and systems write them. */
export function bytes(value: number): string {
  const step = value < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const unit = UNITS[step]!;
  const options = { style: 'unit', unit, unitDisplay: step ? 'short' : 'long', maximumSignificantDigits: 3 } as const;
  return cached(unit, (language) => new Intl.NumberFormat(language, options)).format(value / 1_000 ** step);
}

export function moment(value: string | Date): string {
  const options = { dateStyle: 'medium', timeStyle: 'short' } as const;
  return cached('moment', (language) => new Intl.DateTimeFormat(language, options)).format(new Date(value));
}

/** "5 minutes ago", "in 3 days". */
export function ago(value: string | Date, now = Date.now()): string {
  const seconds = (new Date(value).getTime() - now) / 1_000;
  const format = cached('ago', (language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
  const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return unit === 'second' ? format.format(0, 'second') : format.format(Math.round(seconds / length), unit);
}

/** Seconds as "2 min", "1 hr 5 min". */
export function duration(seconds: number): string {
  const parts: string[] = [];
  const whole = Math.max(1, Math.round(seconds));
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  if (hours) parts.push(unit(hours, 'hour'));
  if (minutes) parts.push(unit(minutes, 'minute'));
  if (!hours && whole < 120 && (!minutes || whole % 60)) parts.push(unit(whole % 60, 'second'));
  return parts.join(' ');
}

function unit(value: number, name: 'hour' | 'minute' | 'second'): string {
  const options = { style: 'unit', unit: name, unitDisplay: 'short' } as const;
  return cached(`unit ${name}`, (language) => new Intl.NumberFormat(language, options)).format(value);
}
