import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalStorageService } from './local-storage.service.js';

describe('LocalStorageService, when it is attached', () => {
  let parent: string;
  let root: string;
  let storage: LocalStorageService;

  beforeEach(async () => {
    parent = mkdtempSync(join(tmpdir(), 'defdrive-'));
    root = join(parent, 'uploads');
    storage = new LocalStorageService(root);
    await storage.attach(undefined);
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it('is refused when its root is a symbolic link, first and later', async () => {
    renameSync(root, join(parent, 'elsewhere'));
    symlinkSync(join(parent, 'elsewhere'), root);
    for (const expected of [undefined, storage.id])
      await expect(new LocalStorageService(root).attach(expected)).rejects.toThrow(/^Not a directory/);
  });

  it.each(['', '\n', 'no id', '0123'])('is refused when its id is damaged: %j', async (text) => {
    writeFileSync(join(root, '.defdrive'), text);
    for (const expected of [undefined, storage.id])
      await expect(new LocalStorageService(root).attach(expected)).rejects.toThrow(/^The id of the uploads is damaged/);
    expect(readFileSync(join(root, '.defdrive'), 'utf8')).toBe(text);
  });

  it('takes up a first start that was cut off', async () => {
    rmSync(join(root, '.tmp'), { recursive: true });
    rmSync(join(root, '.defdrive'));
    writeFileSync(join(root, `.defdrive.${process.pid}`), 'half an i');
    const id = await new LocalStorageService(root).attach(undefined);
    expect(readFileSync(join(root, '.defdrive'), 'utf8')).toBe(`${id}\n`);
    expect(readdirSync(root).toSorted()).toEqual(['.defdrive', '.tmp']);
  });
});
