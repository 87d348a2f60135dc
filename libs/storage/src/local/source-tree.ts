import { type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobReader } from '../storage.service.js';
import { LocalBlobReader } from './local-blob-reader.js';

/** A file below a directory that is not the drive's, or why it is none that can be taken. */
export interface SourceEntry {
  /** Below the directory, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly flaw?: string;
}

const FLAW = { size: 0, modifiedAt: 0 };

/** A directory tree of somebody else's, to read from. Symbolic links are never followed: they could lead anywhere. */
export class SourceTree {
  constructor(private readonly root: string) {}

  /** All files, in the order of their names: the same at each run. @throws Error where a directory cannot be read */
  async *files(below = ''): AsyncGenerator<SourceEntry> {
    const entries = await readdir(join(this.root, below), { withFileTypes: true, encoding: 'buffer' });
    const named = entries.map((entry) => ({ entry, name: nameOf(entry) }));
    for (const { entry, name } of named.toSorted((a, b) => (a.name.text < b.name.text ? -1 : 1))) {
      const path = below === '' ? name.text : `${below}/${name.text}`;
      if (name.flaw !== undefined) yield { path, ...FLAW, flaw: name.flaw };
      else if (entry.isDirectory()) yield* this.files(path);
      else
        yield entry.isFile() ? await this.look(path) : { path, ...FLAW, flaw: 'is no plain file, or a symbolic link' };
    }
  }

  /** Where it is on this machine. */
  at(path: string): string {
    return join(this.root, path);
  }

  /** @throws BlobMissingError when there is no plain file */
  open(path: string): Promise<BlobReader> {
    return LocalBlobReader.open(join(this.root, path));
  }

  /** Whether a file is there, and how long. */
  async size(path: string): Promise<number | undefined> {
    const found = await stat(join(this.root, path)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  }

  private async look(path: string): Promise<SourceEntry> {
    const { size, mtimeMs } = await stat(join(this.root, path));
    return { path, size, modifiedAt: Math.floor(mtimeMs) };
  }
}

function nameOf(entry: Dirent<Buffer>): { text: string; flaw?: string } {
  const bytes = entry.name;
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return { text };
  return { text, flaw: 'has a name that is no UTF-8' };
}
