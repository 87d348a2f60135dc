import Negotiator from 'negotiator';
import { ar } from './ar.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { ja } from './ja.js';
import type { Words } from './words.js';

/** The first one is for whoever asks for none that we speak. */
const WORDS = { en, de, fr, es, ja, ar } as const satisfies Record<string, Words>;
export type Language = keyof typeof WORDS;
export const LANGUAGES = Object.keys(WORDS) as Language[];

/** The language to answer a browser in, by its `Accept-Language`. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const negotiator = new Negotiator({ headers: { 'accept-language': acceptLanguage } });
  return (negotiator.language([...LANGUAGES]) as Language | undefined) ?? 'en';
}

export const wordsOf = (language: Language): Words => WORDS[language];

/** The way in which a language is written. */
export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');
