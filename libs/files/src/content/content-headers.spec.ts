import { parse } from 'content-disposition';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFileName } from '../file-name.js';
import { contentHeaders } from './content-headers.js';

const disposition = (name: string) => contentHeaders(name)['content-disposition']!;

describe('contentHeaders', () => {
  it('keep the bytes from being shown, run, sniffed, framed, kept or told about', () => {
    expect(contentHeaders('a.html')).toEqual({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename=a.html',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-accel-buffering': 'no',
    });
  });

  it.each([
    ["it's.txt", "filename=it's.txt"],
    ['two words', 'filename="two words"'],
    ['100%.txt', 'filename=100%.txt'],
    ['%41.txt', "filename*=UTF-8''%2541.txt"],
    ['für.txt', 'filename=f_r.txt'],
    ['What?.txt', 'filename=What_.txt'],
    ['a\u3000b.txt', 'filename=a_b.txt'],
    ['👍.txt', 'filename=_.txt'],
    ['a"b:c.txt', 'filename=a_b_c.txt'],
    ['für.txt', "filename*=UTF-8''f%C3%BCr.txt"],
    ['👍.txt', "filename*=UTF-8''%F0%9F%91%8D.txt"],
    ['a;b=c,d.txt', 'filename="a;b=c,d.txt"'],
    ["a'bü.txt", "filename*=UTF-8''a%27b%C3%BC.txt"],
  ])('names %j as %s', (name, part) => {
    expect(disposition(name).toLowerCase()).toContain(part.toLowerCase());
  });

  it('give the very name back to a client, whatever it is, in plain ASCII on one line', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((name) => {
      try {
        return parseFileName(name) === name;
      } catch {
        return false;
      }
    });
    const property = fc.property(names, (name) => {
      expect(disposition(name)).toMatch(/^attachment; [\x20-\x7e]+$/);
      expect(parse(disposition(name)).parameters.filename).toBe(name);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
