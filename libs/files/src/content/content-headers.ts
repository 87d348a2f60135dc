import { create } from 'content-disposition';

/**
 * Headers of every answer that carries a file's bytes. They are somebody's upload: never to be shown, run, sniffed,
 * framed, kept or told about to another site.
 * @param shownAs the type under which it may be shown after all; still nothing in it may run
 */
export function contentHeaders(name: string, shownAs?: string): Record<string, string> {
  return {
    'content-type': shownAs ?? 'application/octet-stream',
    'content-disposition': create(name, { type: shownAs ? 'inline' : 'attachment', fallback: plainName(name) }),
    // Else nginx takes a GiB ahead, and then nothing for so long that a slow client's download looks dead.
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  };
}

/**
 * The name for programs that do not read `filename*`: in ASCII, and with nothing that a disk refuses, as a question mark
 * would be on Windows. A percent sign before two hexadecimal digits is decoded by some.
 */
function plainName(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[^\x20-\x7e]/gu, '_')
    .replace(/[?*:"<>|]|%(?=[0-9a-f]{2})/gi, '_');
}
