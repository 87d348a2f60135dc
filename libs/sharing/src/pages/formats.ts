import type { Language } from './words/languages.js';
import type { Counted } from './words/words.js';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Bytes as people read them, in steps of 1,000, as the page of the drive itself writes them. */
export function bytesIn(language: Language, value: number): string {
  const step = value < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const options = {
    style: 'unit',
    unit: UNITS[step]!,
    unitDisplay: step ? 'short' : 'long',
    maximumSignificantDigits: 3,
  } as const;
  return new Intl.NumberFormat(language, options).format(value / 1_000 ** step);
}

/** A phrase with its number, in the plural form that the number has in this language. */
export function countIn(language: Language, phrases: Counted, count: number): string {
  const phrase = phrases[new Intl.PluralRules(language).select(count)] ?? phrases.other;
  return phrase.replace('{n}', new Intl.NumberFormat(language).format(count));
}

/**
 * A moment for somebody whose time zone only his browser knows: in UTC, which it says.
 * @param time milliseconds since 1970
 */
export function momentIn(language: Language, time: number): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(time)} UTC`;
}
