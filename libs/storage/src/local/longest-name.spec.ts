import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { longestName } from './longest-name.js';

let most = 255;
/** The one call that asks the disk, for disks that a test machine does not have. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const open = (path: string, ...rest: [number, number]) => {
    if (path.length - path.lastIndexOf('/') - 1 <= most) return real.open(path, ...rest);
    return Promise.reject(Object.assign(new Error('too long'), { code: 'ENAMETOOLONG' }));
  };
  return { ...real, open };
});

describe('longestName', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'defdrive-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it.each([255, 254, 143, 100, 14])(
    'finds that a directory holds names of %i bytes, and leaves nothing',
    async (bytes) => {
      most = bytes;
      expect(await longestName(directory)).toBe(bytes);
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it('takes what cannot be made for another reason for no bound', async () => {
    most = 255;
    expect(await longestName(join(directory, 'not there'))).toBe(255);
  });
});
