import { StorageAwayError, StorageFullError, StorageUnusableError } from '../storage-errors.js';

interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** By their names: a HEAD has no body that would say more. */
const MISSING = ['NoSuchKey', 'NotFound'];
const FULL = ['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'ServiceQuotaExceeded'];
const TOO_MANY = 429;
const GONE_UPLOAD = 'NoSuchUpload';

/** That a bucket is away is no sign of what was in it. */
export function isMissing(error: unknown): boolean {
  return MISSING.includes((error as Failure).name ?? '');
}

export function isUploadMissing(error: unknown): boolean {
  return (error as Failure).name === GONE_UPLOAD;
}

/** A condition did not hold: there is something at the key already, or another write to it is under way. */
export function isConditionFailed(error: unknown): boolean {
  const status = (error as Failure).$metadata?.httpStatusCode;
  return status === 412 || (status === 409 && (error as Failure).name !== 'BucketAlreadyExists');
}

/**
 * What a store's failure means to whoever uses the storage: full, or not to be used now.
 * @param error of the client, kept as the cause; its message may name keys, so only its name is told
 */
export function translateS3Error(error: unknown): Error {
  const { name = 'Error', code, $metadata } = error as Failure;
  const status = $metadata?.httpStatusCode;
  if (FULL.includes(name) || status === 507) return new StorageFullError('The store is full', { cause: error });
  if (error instanceof Error && error.name === 'AbortError') return error;
  const what = [code ?? name, status].filter((part) => part !== undefined).join(', HTTP ');
  const Failed = status === undefined || status >= 500 || status === TOO_MANY ? StorageAwayError : StorageUnusableError;
  return new Failed(`The store cannot be used now (${what})`, { cause: error });
}
