import type { Parse } from './values.js';

/** An S3 store, as `STORAGE_URL` names it. */
export interface S3Target {
  /** `https://host:port`, or `http://` with `tls=off`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const RULE = 'must look like s3://key:secret@host:port/bucket, with ?region=… and, without TLS, tls=off';
/** Bucket names by S3's own rules. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const OPTIONS = new Set(['region', 'tls']);

/** Reads `s3://key:secret@host:port/bucket?region=…&tls=off`; what a URL cannot hold is percent-encoded. */
export const storageUrl: Parse<S3Target> = (text) => {
  if (!URL.canParse(text)) throw new Error(RULE);
  const { protocol, username, password, host, pathname, searchParams, hash } = new URL(text);
  const bucket = pathname.slice(1).replace(/\/$/, '');
  const tls = searchParams.get('tls') ?? 'on';
  const isStore = protocol === 's3:' && username !== '' && password !== '' && host !== '' && BUCKET.test(bucket);
  const isPlain = hash === '' && [...searchParams.keys()].every((name) => OPTIONS.has(name));
  if (!isStore || !isPlain || !['on', 'off'].includes(tls)) throw new Error(RULE);
  return {
    endpoint: `${tls === 'on' ? 'https' : 'http'}://${host}`,
    bucket,
    region: searchParams.get('region') || 'us-east-1',
    accessKeyId: decoded(username),
    secretAccessKey: decoded(password),
  };
};

/** Where a drive lies: in a bucket, or in `DATA_DIR/uploads`. */
export type StorageTarget = S3Target | 'disk';

const DISK = 'file:';

/** Reads `s3://…` as `STORAGE_URL` has it, or `file:` for the disk. */
export const formerStorage: Parse<StorageTarget> = (text) => {
  if (text === DISK) return 'disk';
  if (URL.canParse(text) && new URL(text).protocol === 's3:') return storageUrl(text);
  throw new Error(`must be ${DISK} (the disk), or a bucket as STORAGE_URL has it`);
};

/**
 * Whether a text names a storage, as an admin would say which one: `file:`, `s3://host/bucket`, with or without what else is
 * in its setting.
 */
export function isNamed(text: string, target: StorageTarget): boolean {
  if (text === DISK || !URL.canParse(text)) return text === nameOfStorage(target);
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname.replace(/\/$/, '')}` === nameOfStorage(target);
}

/** What a storage is called, for people: without key and secret. */
export function nameOfStorage(target: StorageTarget): string {
  if (target === 'disk') return DISK;
  return `s3://${target.endpoint.replace(/^https?:\/\//, '')}/${target.bucket}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(RULE);
  }
}

/** A store's URL as it may be shown. */
export function withoutSecret(text: string): string {
  if (text === DISK) return text;
  if (!URL.canParse(text)) return 'given';
  const url = new URL(text);
  url.password = '***';
  return url.href;
}
