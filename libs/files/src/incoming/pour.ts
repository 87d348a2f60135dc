import type { Readable } from 'node:stream';
import type { Incoming } from './incoming.js';

export interface PourOptions {
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal;
  /** Whether bytes that are not wanted any more are left to somebody else: a request must live to be answered. */
  readonly leaveOpen?: boolean;
}

/**
 * Moves all bytes into what takes them, one write in flight, and no more than that in memory.
 * @throws whatever the bytes, what takes them or the signal's reason say; Error when the bytes end early
 */
export function pour(
  bytes: Readable,
  into: Pick<Incoming, 'write'>,
  { signal, leaveOpen = false }: PourOptions = {},
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      bytes.off('data', take);
      if (leaveOpen) bytes.pause();
      else bytes.destroy();
      reject(error);
    };
    const take = taker(bytes, into, fail);
    bytes.on('data', take).on('end', resolve).on('error', reject);
    bytes.on('close', () => reject(new Error('The bytes ended early')));
    signal?.addEventListener('abort', () => fail(signal.reason), { once: true });
    if (signal?.aborted) fail(signal.reason);
    // It may have ended while its record was made.
    if (bytes.destroyed) reject(bytes.errored ?? new Error('The bytes ended early'));
  });
}

function taker(bytes: Readable, into: Pick<Incoming, 'write'>, fail: (error: unknown) => void) {
  return (chunk: Buffer): void => {
    try {
      const full = into.write(chunk);
      if (!full) return;
      bytes.pause();
      full.then(() => bytes.resume(), fail);
    } catch (error) {
      fail(error);
    }
  };
}
