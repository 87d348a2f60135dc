import { isMissing, translateS3Error } from './s3-errors.js';

/** How an object says whose upload made it. */
export const OWNER = 'defdrive-upload';

/** @returns undefined for what is not there @throws StorageFullError, StorageUnusableError */
export async function find<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw translateS3Error(error);
  }
}

/** @returns whether it was done: false after a failure that is excused @throws StorageFullError, StorageUnusableError */
export async function unless(excused: (error: unknown) => boolean, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (excused(error)) return false;
    throw translateS3Error(error);
  }
}

/** @throws StorageFullError, StorageUnusableError */
export async function tell<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw translateS3Error(error);
  }
}

/** @param requestTimeout milliseconds until the head of the answer, where they are not the client's */
export function options(signal: AbortSignal | undefined, requestTimeout?: number) {
  return { ...(signal && { abortSignal: signal }), ...(requestTimeout && { requestTimeout }) };
}

export function owned(uploadId: number | undefined) {
  return uploadId === undefined ? {} : { Metadata: { [OWNER]: String(uploadId) } };
}

/** A key as a page of a listing has it: XML cannot hold every one, so it is asked for encoded, which not every store does. */
export function keyIn({ EncodingType }: { readonly EncodingType?: string | undefined }, key: string): string {
  return EncodingType === 'url' ? decodeURIComponent(key.replaceAll('+', '%20')) : key;
}
