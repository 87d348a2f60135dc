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

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(RULE);
  }
}

/** A store's URL as it may be shown. */
export function withoutSecret(text: string): string {
  if (!URL.canParse(text)) return 'given';
  const url = new URL(text);
  url.password = '***';
  return url.href;
}
