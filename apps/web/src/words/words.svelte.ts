import { settings } from '../state/settings.svelte.js';
import english from './en.json';

/** Every text of the page; English is the list of them. */
export type Word = keyof typeof english;
export type Values = Record<string, string | number>;
/** A text, or one for each plural form of its `n`. */
type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Dictionary = Record<Word, Text>;

export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', ja: '日本語', ar: 'العربية' };
export type Language = keyof typeof LANGUAGES;

const others: Record<Exclude<Language, 'en'>, () => Promise<{ default: unknown }>> = {
  de: () => import('./de.json'),
  fr: () => import('./fr.json'),
  es: () => import('./es.json'),
  ja: () => import('./ja.json'),
  ar: () => import('./ar.json'),
};

class Words {
  language = $state<Language>('en');
  private dictionary = $state.raw<Dictionary>(english as Dictionary);
  private readonly plurals = $derived(new Intl.PluralRules(this.language));
  private readonly numbers = $derived(new Intl.NumberFormat(this.language));

  /** A text with its values; numbers are written as the language does. */
  text(word: Word, values: Values = {}): string {
    const text = this.dictionary[word] ?? (english as Dictionary)[word];
    const form = typeof text === 'string' ? text : (text[this.plurals.select(Number(values.n))] ?? text.other ?? '');
    return form.replace(/\{(\w+)\}/g, (_, name: string) => this.written(values[name]));
  }

  async use(language: Language): Promise<void> {
    const dictionary = language === 'en' ? english : (await others[language]()).default;
    this.dictionary = dictionary as Dictionary;
    this.language = language;
    document.documentElement.lang = language;
    document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  }

  /** The language that was chosen, or the first of the browser's that there is. */
  preferred(): Language {
    const wanted = [settings.language, ...navigator.languages].map((tag) => tag.split('-')[0] ?? '');
    return (wanted.find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? 'en') as Language;
  }

  private written(value: string | number | undefined): string {
    return typeof value === 'number' ? this.numbers.format(value) : (value ?? '');
  }
}

export const words = new Words();
export const t = (word: Word, values?: Values): string => words.text(word, values);
