import { describe, expect, it } from 'vitest';
import { extensionOf, foldName, nameKey, parseFileName } from './file-name.js';

describe('parseFileName', () => {
  it.each([
    'a',
    'report.pdf',
    "it's 100% ü.txt",
    '👩‍👩‍👧.png',
    '❤️.txt'.normalize('NFC').replace('\uFE0F', ''),
    'x'.repeat(255),
    'ü'.repeat(127),
    'ǖ'.repeat(127).normalize('NFD'),
    '각'.repeat(85).normalize('NFD'),
    'console.txt',
    'com10.txt',
    '日本語.txt',
    'a..b',
    '%2e%2e%2f',
  ])('takes %j', (name) => {
    expect(parseFileName(name)).toBe(name.normalize('NFC'));
  });

  it.each([
    '',
    '.',
    '..',
    '.env',
    '../../etc/passwd',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'C:\\x',
    'nul',
    'CON.txt',
    'com1',
    'LPT9.tar.gz',
    'COM¹.txt',
    'a\0b',
    'a\rb',
    'a\nb',
    'a\tb',
    'a\u202Egnp.exe',
    'a\u200Bb',
    'a\uFEFF',
    'a\u200D',
    '\u200Da',
    'a\u00ADb',
    'a\u2028b',
    'a\u00A0b',
    'a\u3164b',
    ' a',
    'a ',
    'a.',
    'a*b',
    'a?b',
    'a"b',
    'a<b',
    'a>b',
    'a|b',
    'a:b',
    '\uD800',
    'a\uFFFDb',
    'x'.repeat(256),
    'ü'.repeat(128),
  ])('refuses %j', (name) => {
    expect(() => parseFileName(name)).toThrow('Invalid file name');
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
  ])('of %j is %j', (name, extension) => {
    expect(extensionOf(name)).toBe(extension);
  });
});
