import { createHash } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2f5bea"/><path d="M16 7v12m-5-5 5 5 5-5M9 24h14" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** What the pages need beside their markup. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly brotli: Buffer;
}

/** A name that changes with the bytes, so that a browser need never ask again. */
function named(name: string, extension: string, text: string): string {
  return `${name}.${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${extension}`;
}

function asset(type: string, text: string): Asset {
  const plain = Buffer.from(text);
  return { type, plain, brotli: brotliCompressSync(plain) };
}

export const STYLE_NAME = named('pages', 'css', STYLE);
export const SCRIPT_NAME = named('pages', 'js', SCRIPT);
export const ICON_NAME = named('icon', 'svg', ICON);

/** By the last part of its address. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map([
  [STYLE_NAME, asset('text/css; charset=utf-8', STYLE)],
  [SCRIPT_NAME, asset('text/javascript; charset=utf-8', SCRIPT)],
  [ICON_NAME, asset('image/svg+xml', ICON)],
]);
