import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Text = string | Record<string, string>;
const read = (language: string): Record<string, Text> =>
  JSON.parse(readFileSync(join(import.meta.dirname, `${language}.json`), 'utf8'));
const english = read('en');
const formsOf = (text: Text): string[] => (typeof text === 'string' ? [text] : Object.values(text));
const valuesOf = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).toSorted();

describe.each(['en', 'de', 'fr', 'es', 'ja', 'ar'])('the texts in %s', (language) => {
  const texts = read(language);

  it('are all there, and no others', () => {
    expect(Object.keys(texts).toSorted()).toEqual(Object.keys(english).toSorted());
  });

  it('have the values of the English ones; a form for one or two may leave the number out', () => {
    for (const [word, text] of Object.entries(texts)) {
      const wanted = valuesOf(formsOf(english[word]!).at(-1)!);
      const forms = typeof text === 'string' ? { other: text } : text;
      for (const [form, written] of Object.entries(forms)) {
        const missing = wanted.filter((value) => !valuesOf(written).includes(value));
        const allowed = ['zero', 'one', 'two'].includes(form) ? ['n', 'size'] : [];
        expect(
          missing.filter((value) => !allowed.includes(value)),
          `${word} (${form})`,
        ).toEqual([]);
        expect(
          valuesOf(written).filter((value) => !wanted.includes(value)),
          `${word} (${form})`,
        ).toEqual([]);
      }
    }
  });

  it('have a form for every number, or one for all', () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [word, text] of Object.entries(texts)) {
      if (typeof text === 'string') continue;
      expect(text.other, word).toBeTypeOf('string');
      expect(
        Object.keys(text).filter((form) => !categories.includes(form as Intl.LDMLPluralRule)),
        word,
      ).toEqual([]);
      expect(typeof english[word], word).toBe('object');
    }
  });

  it('are written, and in another language than English', () => {
    const same = Object.keys(texts).filter((word) => JSON.stringify(texts[word]) === JSON.stringify(english[word]));
    for (const text of Object.values(texts)) for (const form of formsOf(text)) expect(form.trim()).not.toBe('');
    if (language !== 'en') expect(same.length, same.join()).toBeLessThan(25);
  });
});
