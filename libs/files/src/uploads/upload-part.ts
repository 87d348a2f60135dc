import type { Readable } from 'node:stream';
import { ContractError } from '@app/contract';
import type { ResumableIncoming } from '../incoming/incoming.js';
import { pour } from '../incoming/pour.js';
import type { Checksum } from './checksum.js';
import type { Hold } from './upload-holds.js';

/** A part of an upload, as a request brings it. */
export interface UploadPart {
  /** Where it begins. */
  readonly offset: number;
  /** Bytes, where its sender says so. */
  readonly declared: number | undefined;
  readonly checksum: Checksum | undefined;
  /** Asks for the bytes: what cannot be accepted is refused before. */
  open(): Readable;
}

/** What became of a part that was taken up. */
export interface PartOutcome {
  /** Bytes of the upload that are durable now. */
  readonly received: number;
  /** Why it was not taken whole. */
  readonly error?: unknown;
}

/**
 * Takes a part. What came before a connection broke is kept, and made durable, unless the part has a checksum: then it
 * is taken whole or not at all.
 * @throws whatever keeps the storage from taking it; then nothing of it is kept
 */
export async function takePart(part: UploadPart, incoming: ResumableIncoming, hold: Hold): Promise<PartOutcome> {
  const { checksum } = part;
  const write = (chunk: Buffer) => {
    hold.heard(chunk.length);
    checksum?.update(chunk);
    return incoming.write(chunk);
  };
  try {
    hold.heard(0);
    await pour(part.open(), { write }, { signal: hold.signal, leaveOpen: true });
    checksum?.verify();
  } catch (error) {
    // What is more than announced, or not what its sender says, is nothing to build on.
    if (checksum || isRefusal(error)) throw error;
    return { received: await incoming.suspend(), error };
  } finally {
    hold.heardAll();
  }
  return { received: await incoming.suspend() };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ContractError && error.errorName === 'fileTooLarge';
}
