import { join } from 'node:path';

/** Directory of the uploads that are not published. Owners' folders never begin with a dot. */
export const TEMPORARY = '.tmp';
/** File that carries the storage's id. */
export const IDENTITY = '.defdrive';

/** The directory and the file, both absolute, that a key stands for. */
export interface BlobPath {
  readonly directory: string;
  readonly file: string;
}

/** The key of a file: its path below the root, as `<owner>/<name>`. */
export function localKey(owner: string, name: string): string {
  return `${owner}/${name}`;
}

/**
 * The one place where a key becomes a path. Names are judged long before; this is the last line that keeps a mistake
 * elsewhere from reaching outside the root, or our own files in it.
 * @throws Error for a key that is not exactly `<owner>/<name>`
 */
export function blobPath(root: string, key: string): BlobPath {
  const [owner, name, ...rest] = key.split('/');
  if (!isSegment(owner) || owner.startsWith('.') || !isSegment(name) || rest.length > 0)
    throw new Error('Not a storage key');
  const directory = join(root, owner);
  return { directory, file: join(directory, name) };
}

/** Whether this is the name of an entry within its directory. */
export function isSegment(text: string | undefined): text is string {
  return text !== undefined && !/^\.{0,2}$/.test(text) && !/[\\\0]/.test(text);
}
