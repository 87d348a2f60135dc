import { close, constants, createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { callbackify, promisify } from 'node:util';
import { BlobMissingError } from '../storage-errors.js';
import type { BlobReader } from '../storage.service.js';
import { descriptor } from './descriptor.js';
import { hasCode } from './local-fault.js';

const closeFile = promisify(close);

/** Bytes per read of a stream; the default of 64 KiB costs a third of the throughput. */
const CHUNK = 512 * 1024;
/** A blob up to this size is read in one go. */
const WHOLE = 64 * 1024;

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
    await closeFile(fd);
    throw new BlobMissingError('What is at the key is not a plain file');
  }

  /** @throws BlobMissingError when it has become shorter than that */
  async read(start: number, end: number): Promise<Buffer> {
    try {
      return await this.bytes(start, end - start + 1);
    } finally {
      await this.close();
    }
  }

  stream(start: number, end: number): Readable {
    if (end - start < WHOLE) return this.whole(start, end - start + 1);
    this.open = false;
    return createReadStream('', { fd: this.fd, start, end, highWaterMark: CHUNK, autoClose: true });
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    // Large: its file may have been removed meanwhile, and then closing it is what frees its blocks.
    if (this.size > WHOLE) await closeFile(this.fd);
    else descriptor.close(this.fd);
  }

  /** In one go. (A stream over a generator would leave the file open when it is destroyed before it is read.) */
  private whole(start: number, length: number): Readable {
    let reading: Promise<void> | undefined;
    const stream: Readable = new Readable({
      read: () => {
        reading ??= this.bytes(start, length).then(
          (bytes) => {
            stream.push(bytes);
            stream.push(null);
          },
          (error: Error) => void stream.destroy(error),
        );
      },
      destroy: (error, done) => {
        // A descriptor that is closed under a read may be another file's by the time it is read.
        const close = async () => {
          await reading;
          await this.close();
        };
        callbackify(close)((failure) => done(failure ?? error));
      },
    });
    return stream;
  }

  private async bytes(start: number, length: number): Promise<Buffer> {
    const { bytesRead, buffer } = await descriptor.read(this.fd, Buffer.allocUnsafe(length), 0, length, start);
    if (bytesRead < length) throw new BlobMissingError('The blob is shorter than it was');
    return buffer;
  }
}
