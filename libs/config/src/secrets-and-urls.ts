import { isIP } from 'node:net';
import { isURL } from 'class-validator';
import ipaddr from 'ipaddr.js';
import { matching, type Parse } from './values.js';

/** Secrets that stand in examples and tutorials: a server that starts with one of them is open to everybody. */
const SAMPLE_SECRETS =
  /^(.)\1*$|change[-_ ]?me|your[-_ ]?(256|secret|jwt)|secret[-_ ]?key|example|^(secret|password|jwt)+$/i;

/** What a path can be put behind. */
const BASE_URL = {
  require_tld: false,
  // Names at home have them (my_nas).
  allow_underscores: true,
  require_protocol: true,
  protocols: ['http', 'https'],
  allow_query_components: false,
  allow_fragments: false,
  disallow_auth: true,
};

/** @returns without a trailing slash */
export const publicUrl: Parse<string> = (text) => {
  if (!isURL(text, BASE_URL)) throw new Error('must look like https://drive.example.org, without a query');
  return text.replace(/\/+$/, '');
};

export const databaseUrl = matching(
  /^(mysql|mariadb):\/\/[^/]+\/[^/?]+$/,
  'must look like mysql://user:password@host:port/name',
);

export const signingSecret: Parse<string> = (text) => {
  const bytes = Buffer.byteLength(text);
  if (bytes < 32 || bytes > 1024 || SAMPLE_SECRETS.test(text)) {
    throw new Error('must have 32 to 1024 bytes and be no known sample: leave it out to have one generated');
  }
  return text;
};

/** A database's URL as it may be shown. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'given';
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username ? `${username}:***@` : ''}${host}${pathname}`;
}

/** The seed of an Ed25519 key. */
export const keySeed = matching(
  /^[\w+/-]{42}[048AEIMQUYcgkosw]=?$/,
  'must be 32 random bytes in base64, as "openssl rand -base64 32" makes them',
);

/** How a secret is shown. */
export const given = (): string => 'given';

/** Whether a host of a URL is this machine and no other. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  return address === 'localhost' || (isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback');
}

/** An OpenID provider. In plain text over a network anybody on the way could log in as anybody. */
export const issuerUrl: Parse<string> = (text) => {
  const isHttps = isURL(text, { ...BASE_URL, protocols: ['https'] });
  if (isHttps || (isURL(text, BASE_URL) && isLoopback(new URL(text).hostname))) return text;
  throw new Error('must be the https:// address of an OpenID provider, as it calls itself');
};
