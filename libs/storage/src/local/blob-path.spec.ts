import { join, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blobPath, localKey } from './blob-path.js';

const ROOT = '/srv/data/uploads';

describe('blobPath', () => {
  it('leads to the file in the folder of its owner', () => {
    expect(blobPath(ROOT, localKey('alice', "it's 100% ü .txt"))).toEqual({
      directory: `${ROOT}/alice`,
      file: `${ROOT}/alice/it's 100% ü .txt`,
    });
  });

  it('leads to a file whose name begins with a dot', () => {
    expect(blobPath(ROOT, 'alice/.gitignore').file).toBe(`${ROOT}/alice/.gitignore`);
    expect(blobPath(ROOT, 'alice/...').file).toBe(`${ROOT}/alice/...`);
  });

  it.each([
    '',
    'alice',
    'alice/',
    '/a.txt',
    '//',
    '/etc/passwd',
    '../a.txt',
    './a.txt',
    'alice/..',
    'alice/.',
    'alice/../bob',
    'a/b/c',
    'alice/a/',
    'alice//a',
    '.tmp/1',
    '.defdrive',
    '.alice/a.txt',
    'alice/a\0b',
    'al\0ice/a',
    'alice/..\\b',
    'a\\b/c',
  ])('refuses the key %j', (key) => {
    expect(() => blobPath(ROOT, key)).toThrow('Not a storage key');
  });

  it('never leads out of a folder below the root, whatever the key', () => {
    const segment = fc.oneof(fc.constantFrom('..', '.', '', '.tmp', '/', '\\', '\0', '%2e%2e', 'a'), fc.string());
    const keys = fc.array(segment, { maxLength: 5 }).map((parts) => parts.join('/'));
    const property = fc.property(keys, (key) => {
      let path;
      try {
        path = blobPath(ROOT, key);
      } catch {
        return;
      }
      const below = path.file.slice(ROOT.length + 1).split(sep);
      expect(path.file.startsWith(ROOT + sep)).toBe(true);
      expect(below.join('/')).toBe(key);
      expect(join(path.file, '..')).toBe(path.directory);
      expect(below).toHaveLength(2);
      expect(below[0]).toMatch(/^[^.]/);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
