import type { ContractError } from '@app/contract';
import { describe, expect, it } from 'vitest';
import { extensionOf, foldName, nameKey, parseFileName } from './file-name.js';

const reasons = (name: string, maxBytes?: number): string[] => {
  try {
    parseFileName(name, maxBytes);
    return [];
  } catch (error) {
    return ((error as ContractError).getResponse() as { details: { name: string[] } }).details.name;
  }
};

describe('parseFileName', () => {
  it.each([
    ...['a', 'report.pdf', "it's 100% ü.txt", 'x'.repeat(255), 'ü'.repeat(127), '日本語.txt', '%2e%2e%2f'],
    ...['ǖ'.repeat(127).normalize('NFD'), '각'.repeat(85).normalize('NFD')],
    // Dots and what Windows takes for something else.
    ...['.env', '.gitignore', 'a.', 'a..b', '...', '.tmp', '.defdrive', 'CON.txt', 'nul', 'COM¹.txt'],
    ...['a:b', 'a*b', 'a?b', 'a"b', 'a<b', 'a>b', 'a|b'],
    // Spaces of every language.
    ...['Screenshot 2026-11-27 at 3.45.12\u202FPM.png', 'Facture n°\u00A012.pdf', '見積書\u3000株式会社.xlsx'],
    // Joiners, marks, selectors, hyphens, fillers and characters that are newer than this Node.js.
    ...['می\u200Cخواهم.pdf', 'ক\u200Dষ.pdf', 'דוח\u200F (2026).pdf', 'Donau\u00ADdampf.pdf', '\u2708\uFE0E trip.jpg'],
    ...[
      '\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}.jpg',
      '👩‍👩‍👧.png',
      '\u1820\u180E\u1820.txt',
      'a\u3164b',
      '\u{1FAEA}.jpg',
      '\uE000',
    ],
  ])('takes %j', (name) => {
    expect(parseFileName(name)).toBe(name.normalize('NFC'));
  });

  it.each([
    ['', 'is empty'],
    ['.', 'is what a directory calls itself'],
    ['..', 'is what a directory calls itself'],
    ['.\u200D.', 'is what a directory calls itself'],
    ['../../etc/passwd', 'has a / or \\'],
    ['/etc/passwd', 'has a / or \\'],
    ['a/b', 'has a / or \\'],
    ['a\\b', 'has a / or \\'],
    ['a\0b', 'control character'],
    ['a\rb', 'control character'],
    ['a\nb', 'control character'],
    ['a\tb', 'control character'],
    ['a\u0085b', 'control character'],
    ['a\u2028b', 'line or paragraph separator'],
    ['a\u2029b', 'line or paragraph separator'],
    ['a\u202Egnp.exe', 'turns the direction'],
    ['a\u2066b', 'turns the direction'],
    ['a\u200Bb', 'cannot be seen'],
    ['a\u2060b', 'cannot be seen'],
    ['a\uFEFFb', 'cannot be seen'],
    [' a', 'white space'],
    ['a ', 'white space'],
    ['a\u3000', 'white space'],
    ['\u00A0a', 'white space'],
    ['\u200D', 'nothing that can be seen'],
    ['\u3164\uFE0F', 'nothing that can be seen'],
    ['\uD800', 'well-formed'],
    ['a\uFFFDb', 'damaged'],
    ['x'.repeat(256), 'has 256 bytes in UTF-8, and the storage holds 255'],
    ['ü'.repeat(128), 'has 256 bytes'],
  ])('refuses %j: %s', (name, reason) => {
    expect(() => parseFileName(name)).toThrow('Invalid file name');
    expect(reasons(name)).toEqual([expect.stringContaining(reason)]);
  });

  it('tells all that is wrong', () => {
    expect(reasons(' a/b')).toHaveLength(2);
  });

  it('knows of a storage that holds less', () => {
    expect(parseFileName('x'.repeat(143), 143)).toHaveLength(143);
    expect(reasons('x'.repeat(144), 143)).toEqual(['has 144 bytes in UTF-8, and the storage holds 143']);
  });

  it('gives one form to a name that can be written in two', () => {
    expect(parseFileName('e\u0301')).toBe('é');
  });
});

describe('nameKey', () => {
  it.each([
    ['README.md', 'readme.MD'],
    ['é', 'e\u0301'],
    ['straße', 'STRASSE'],
    ['ﬁle', 'file'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['Donau\u00ADdampf', 'donaudampf'],
    ['\u2764\uFE0F.txt', '\u2764.txt'],
    ['pay\u200Cpal', 'paypal'],
    ['e\u034F\u0301', 'é'],
    ['a\u3164b', 'a\uFFA0b'],
    ['a\u202Fb', 'a b'],
  ])('takes %j and %j for one name', (one, other) => {
    expect(nameKey(foldName(one))).toBe(nameKey(foldName(other)));
  });

  it('tells different names apart', () => {
    expect(nameKey(foldName('a'))).not.toBe(nameKey(foldName('b')));
  });
});

describe('extensionOf', () => {
  it.each([
    ['a.PDF', 'pdf'],
    ['a.tar.gz', 'gz'],
    ['Makefile', ''],
    ['a.', ''],
    ['.gitignore', ''],
  ])('of %j is %j', (name, extension) => {
    expect(extensionOf(name)).toBe(extension);
  });
});
