import { Readable } from 'node:stream';
import type { File } from '@app/database';
import { ZipFile } from 'yazl';

/** A plain file, for its owner to write and everybody to read, as archives of other systems have it. */
const MODE = 0o100644;
/**
 * Bytes of the directory at an archive's end from which yazl 3.3 counts the marks of ZIP64 into the length that it tells,
 * although it leaves them out (findings/yazl-length.sh). From there on we ask for them.
 */
const LARGE_DIRECTORY = 0xffff;
/** Bytes of an entry in it, at most, beside the name. */
const ENTRY = 128;

/** A ZIP on its way. */
export interface Archive {
  /** Bytes, known before the first one. */
  readonly size: number;
  /** Whoever has it reads it to its end, or destroys it. */
  readonly bytes: Readable;
}

/**
 * A ZIP of files, in their order: stored and not packed, so that its length is known and no processor is wanted, and as
 * ZIP64 where its size asks for that. One file is open at a time, and none before its turn.
 * @param open gives a file's bytes; what it throws ends the archive with an error
 */
export function archiveOf(files: readonly File[], open: (file: File) => Promise<Readable>): Archive {
  const zip = new ZipFile();
  const bytes = zip.outputStream as Readable;
  let current: Readable | undefined;
  const take = async (file: File): Promise<Readable> => {
    current = await open(file);
    // Its reader may have gone while it was opened.
    if (bytes.destroyed) current.destroy();
    current.once('error', (error) => bytes.destroy(error));
    return current;
  };
  const feed = async (file: File, done: (error: null, stream: Readable) => void): Promise<void> => {
    try {
      done(null, await take(file));
    } catch (error) {
      bytes.destroy(error as Error);
    }
  };
  for (const file of files) zip.addReadStreamLazy(pathOf(file), entryOf(file), (done) => void feed(file, done));
  bytes.once('close', () => current?.destroy());
  zip.on('error', (error: Error) => bytes.destroy(error));
  let size = -1;
  zip.end(endOf(files), (...calculated: number[]) => (size = calculated[0] ?? -1));
  return { size, bytes };
}

function endOf(files: readonly File[]) {
  const directory = files.reduce((sum, file) => sum + ENTRY + Buffer.byteLength(pathOf(file)), 0);
  return { forceZip64Format: directory >= LARGE_DIRECTORY, comment: '' };
}

function entryOf({ size, createdAt }: File) {
  return { size, mtime: new Date(createdAt), mode: MODE, compress: false };
}

/** A name such as `c:` would be taken for a place on a disk of its own; behind a dot it is a name again. */
function pathOf({ name }: File): string {
  return /^[a-z]:/i.test(name) ? `./${name}` : name;
}
