import type { Readable } from 'node:stream';
import type { Incoming } from './incoming.js';

/**
 * Moves all bytes into what takes them, one write in flight, and no more than that in memory.
 * @param signal ends it
 * @throws whatever the bytes, what takes them or the signal's reason say; Error when the bytes end early
 */
export function pour(bytes: Readable, into: Pick<Incoming, 'write'>, signal?: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      bytes.destroy();
      reject(error);
    };
    bytes.on('data', (chunk: Buffer) => {
      try {
        const full = into.write(chunk);
        if (!full) return;
        bytes.pause();
        full.then(() => bytes.resume(), fail);
      } catch (error) {
        fail(error);
      }
    });
    bytes.on('end', resolve).on('error', reject);
    bytes.on('close', () => reject(new Error('The bytes ended early')));
    signal?.addEventListener('abort', () => fail(signal.reason), { once: true });
    if (signal?.aborted) fail(signal.reason);
    // It may have ended while its record was made.
    if (bytes.destroyed) reject(bytes.errored ?? new Error('The bytes ended early'));
  });
}
