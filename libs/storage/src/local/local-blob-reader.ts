import { close, constants } from 'node:fs';
import { promisify } from 'node:util';
import { BlobMissingError } from '../storage-errors.js';
import type { BlobReader, BlobStream } from '../storage.service.js';
import { descriptor } from './descriptor.js';
import { LocalBlobStream } from './local-blob-stream.js';
import { hasCode } from './local-fault.js';

const closeAsync = promisify(close);

/** A blob up to this size is closed at once. */
const SMALL = 64 * 1024;

/** An open file descriptor: it stays readable after the file was unlinked. */
export class LocalBlobReader implements BlobReader {
  private open = true;

  private constructor(
    private readonly fd: number,
    readonly size: number,
  ) {}

  /** @throws BlobMissingError when there is none, or something that is not a plain file */
  static async open(path: string): Promise<LocalBlobReader> {
    let fd: number;
    try {
      fd = await descriptor.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ELOOP', 'ENOTDIR'))
        throw new BlobMissingError('There is no blob at the key', { cause: error });
      throw error;
    }
    const stats = descriptor.look(fd);
    if (stats.isFile()) return new LocalBlobReader(fd, stats.size);
    await closeAsync(fd);
    throw new BlobMissingError('What is at the key is not a plain file');
  }

  /** Whether the system says that what is open stands at this real path: then no symbolic link has led here. */
  standsAt(path: string): boolean {
    return descriptor.path(this.fd) === path;
  }

  /** @throws BlobMissingError when it has become shorter than that */
  async read(start: number, end: number): Promise<Buffer> {
    try {
      const bytes = Buffer.allocUnsafe(end - start + 1);
      await this.fill(bytes, start);
      return bytes;
    } finally {
      await this.close();
    }
  }

  stream(start: number, end: number): BlobStream {
    // From now on the stream closes the file, after the read that may be under way by then.
    this.open = false;
    return new LocalBlobStream({ fill: this.fill.bind(this), close: this.closeFile.bind(this) }, start, end);
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.closeFile();
  }

  private async closeFile(): Promise<void> {
    // Large: its file may have been removed meanwhile, and then closing it is what frees its blocks.
    if (this.size > SMALL) await closeAsync(this.fd);
    else descriptor.close(this.fd);
  }

  /** @throws BlobMissingError when the file has become shorter than that */
  private async fill(buffer: Buffer, position: number): Promise<void> {
    for (let filled = 0; filled < buffer.length;) {
      const left = buffer.length - filled;
      const { bytesRead } = await descriptor.read(this.fd, buffer, filled, left, position + filled);
      if (bytesRead === 0) throw new BlobMissingError('The blob is shorter than it was');
      filled += bytesRead;
    }
  }
}
