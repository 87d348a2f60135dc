import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, FormParser } from './form-parser.js';
import { type PartHead } from './part-head.js';

interface Part extends PartHead {
  readonly text: string;
}

/** Parses a body that arrives in the given pieces. */
function parse(boundary: string, ...pieces: (string | Buffer)[]): Part[] {
  const parts: (PartHead & { bytes: Buffer[]; ended: boolean })[] = [];
  const parser = new FormParser(boundary, {
    onPart: (head) => void parts.push({ ...head, bytes: [], ended: false }),
    onBytes: (bytes) => void parts.at(-1)!.bytes.push(Buffer.from(bytes)),
    onPartEnd: () => void (parts.at(-1)!.ended = true),
  });
  for (const piece of pieces) parser.write(Buffer.from(piece as string, 'latin1'));
  parser.end();
  expect(parts.every(({ ended }) => ended)).toBe(true);
  return parts.map(({ field, fileName, bytes }) => ({
    field,
    fileName,
    text: Buffer.concat(bytes).toString('latin1'),
  }));
}

const head = (name: string, fileName: string) =>
  `Content-Disposition: form-data; name="${name}"; filename="${fileName}"\r\n\r\n`;
const form = (boundary: string, ...contents: string[]) =>
  contents.map((content, n) => `--${boundary}\r\n${head('file', `${n}.txt`)}${content}\r\n`).join('') +
  `--${boundary}--\r\n`;

/** The same bytes in pieces that end anywhere. */
function cut(body: string, at: number[]): Buffer[] {
  const bytes = Buffer.from(body, 'latin1');
  const ends = [...new Set(at.map((n) => n % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...ends].map((begin, n) => bytes.subarray(begin, ends[n] ?? bytes.length));
}

describe('FormParser', () => {
  it.each([
    ['a file', form('b', 'hello'), ['hello']],
    ['an empty file', form('b', ''), ['']],
    ['an empty file that shares its line end', `--b\r\n${head('file', '0.txt')}--b--`, ['']],
    ['a preamble', `This is a form.\r\n${form('b', 'hello')}`, ['hello']],
    ['an epilogue', form('b', 'hello') + 'That was a form.\r\n--', ['hello']],
    ['blanks behind a boundary', `--b \t\r\n${head('file', '0.txt')}hello\r\n--b-- \r\n\r\n`, ['hello']],
    ['no line end at the end', form('b', 'hello').trimEnd(), ['hello']],
    ['line ends and hyphens', form('b', '\r\n-\r\n--\r\n--a\r--b\n--b\r\n'), ['\r\n-\r\n--\r\n--a\r--b\n--b\r\n']],
  ])('takes %s', (_what, body, texts) => {
    expect(parse('b', body).map(({ text }) => text)).toEqual(texts);
    expect(parse('b', ...[...body]).map(({ text }) => text)).toEqual(texts);
  });

  it('gives the bytes of every part, wherever the pieces end that they come in', () => {
    const letters = fc.string({ unit: fc.constantFrom('\r', '\n', '-', 'b', 'x', '\xff'), maxLength: 60 });
    const content = letters.filter((text) => !`\r\n${text}`.includes('\r\n--bx'));
    const property = fc.property(fc.array(content, { minLength: 1, maxLength: 3 }), fc.array(fc.nat()), (texts, at) => {
      expect(parse('bx', ...cut(form('bx', ...texts), at)).map(({ text }) => text)).toEqual(texts);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('never gives a part of a file for the whole, whatever a file contains', () => {
    const words = fc.constantFrom('--b', '\r\n', '--', 'x', ' ', head('file', 'y'), 'a: b');
    const content = fc.array(words, { maxLength: 12 }).map((parts) => parts.join(''));
    const property = fc.property(content, fc.array(fc.nat()), (text, at) => {
      let parts: Part[];
      try {
        parts = parse('b', ...cut(form('b', text), at));
      } catch {
        return;
      }
      // More than one part is refused by who takes the file.
      if (parts.length === 1) expect(parts[0]!.text).toBe(text);
    });
    fc.assert(property, { numRuns: 5_000 });
  });

  const file = `--b\r\n${head('file', 'a.txt')}one\r\n`;
  it.each([
    ['nothing', ''],
    ['no boundary', 'hello'],
    ['a form that is cut off', `${file}`],
    ['a last boundary without hyphens', `${file}--b\r\n`],
    ['a part without headers', `${file}--b\r\n\r\ntwo\r\n--b--\r\n`],
    ['headers that are none', `${file}--b\r\nnot a header\r\n\r\ntwo\r\n--b--\r\n`],
    ['headers that never end', `${file}--b\r\na: b\r\n--b--\r\n`],
    ['a line that only begins as the boundary', `${file}--bother two\r\n--b--\r\n`],
    ['more behind the last boundary', `${file}--b--\r\nthe rest of the file\r\n--b--\r\n`],
    ['another disposition', `--b\r\nContent-Disposition: attachment; filename="x"\r\n\r\ntwo\r\n--b--\r\n`],
    ['a part without a name', `--b\r\nContent-Disposition: form-data\r\n\r\ntwo\r\n--b--\r\n`],
    ['headers beyond measure', `--b\r\n${'a: b\r\n'.repeat(21)}\r\ntwo\r\n--b--\r\n`],
    ['a header beyond measure', `--b\r\na: ${'b'.repeat(20_000)}\r\n\r\ntwo\r\n--b--\r\n`],
    ['an encoded part', `--b\r\nContent-Transfer-Encoding: base64\r\n${head('file', 'a')}aGk=\r\n--b--\r\n`],
  ])('refuses %s', (_what, body) => {
    expect(() => parse('b', body)).toThrow(expect.objectContaining({ name: 'MalformedFormError' }));
    expect(() => parse('b', ...[...body])).toThrow(expect.objectContaining({ name: 'MalformedFormError' }));
  });
});

describe('the headers of a part', () => {
  const nameOf = (disposition: string) =>
    parse('b', `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\nx\r\n--b--`)[0];
  const utf8 = (text: string) => Buffer.from(text).toString('latin1');

  it.each([
    ['name="file"; filename="a.txt"', 'a.txt'],
    ['name=file; filename=a.txt', 'a.txt'],
    ['name=file;filename=my photo.jpg', 'my photo.jpg'],
    ['NAME="file"; FILENAME="a.txt"', 'a.txt'],
    [`name="file"; filename="${utf8('日本 "語"').replaceAll('"', '\\"')}"`, '日本 "語"'],
    ['name="file"; filename="a;b, c=d.txt"', 'a;b, c=d.txt'],
    ['name="file"; filename="C:\\temp\\a.txt"', 'C:\\temp\\a.txt'],
    ['name="file"; filename="a%20b"', 'a%20b'],
    ['name="file"; filename=""', ''],
    ['name="file"; filename="=?utf-8?B?eA==?="; filename*=utf-8\'\'%D1%84.txt', 'ф.txt'],
    ['name="file"; filename*=UTF-8\'\'%D1%84.txt; filename="fallback.txt"', 'ф.txt'],
    ["name=file; filename*=utf-8'en'Bob's%20%28b%29,(c)!.jpg", "Bob's (b),(c)!.jpg"],
    ["name=file; filename*=iso-8859-1''caf%E9", 'café'],
    ["name=file; filename=plain; filename*=koi8-r''%C6", 'plain'],
    ["name=file; filename=plain; filename*=utf-8''%E9", 'plain'],
    ["name=file; filename=plain; filename*=utf-8''%", 'plain'],
    ['name=file; filename*=utf-8\'\'a; filename="\xe9"', 'a'],
    ['name=file;\r\n\tfilename="folded"', 'folded'],
    ['name=file', undefined],
  ])('%j name %j', (disposition, fileName) => {
    expect(nameOf(disposition)).toMatchObject({ field: 'file', fileName });
  });

  it('are refused where the name is not UTF-8', () => {
    expect(() => nameOf('name=file; filename="caf\xe9"')).toThrow('Invalid file name');
  });
});

describe('boundaryOf', () => {
  it.each([
    ['multipart/form-data; boundary=b', 'b'],
    ['MULTIPART/FORM-DATA;BOUNDARY=b', 'b'],
    ['multipart/form-data; charset=utf-8; boundary=Boundary+0F9E', 'Boundary+0F9E'],
    ['multipart/form-data; boundary="\'()+_,-./:=?aZ09 b"', "'()+_,-./:=?aZ09 b"],
    ['multipart/form-data; boundary=----=_Part_1_123.456', '----=_Part_1_123.456'],
    ['multipart/form-data; x="; boundary=no"; boundary=yes', 'yes'],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=', undefined],
    ['multipart/mixed; boundary=b', undefined],
    ['application/json', undefined],
    [undefined, undefined],
  ])('of %j is %j', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });
});
