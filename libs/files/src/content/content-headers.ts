import { create } from 'content-disposition';

/**
 * Headers of every answer that carries a file's bytes. They are somebody's upload: never to be shown, run, sniffed,
 * framed, kept or told about to another site.
 */
export function contentHeaders(name: string): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': create(name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  };
}
