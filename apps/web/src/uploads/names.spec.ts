import { expect, it } from 'vitest';
import { another } from './names.js';

it.each([
  ['report.pdf', 'report (2).pdf'],
  ['report (2).pdf', 'report (3).pdf'],
  ['archive.tar.gz', 'archive.tar (2).gz'],
  ['README', 'README (2)'],
  ['.env', '.env (2)'],
  ['(1)', '(1) (2)'],
  ['a (x).txt', 'a (x) (2).txt'],
])('%s becomes %s where the name is taken', (name, next) => expect(another(name)).toBe(next));
