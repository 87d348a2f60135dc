import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a person's browser has gone to this address, and so wants a page. Browsers say so (`Sec-Fetch-Dest`, or
 * `Sec-Fetch-Mode` where their service worker asks for it); an old one that does not is known by an `Accept` that no
 * program sends. Whoever asks for a range wants bytes.
 */
export function isNavigation(headers: IncomingHttpHeaders): boolean {
  if (headers.range !== undefined) return false;
  const tells = Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
  const { 'sec-fetch-dest': destination, 'sec-fetch-mode': mode, accept = '' } = headers;
  if (tells) return destination === 'document' || (destination === 'empty' && mode === 'navigate');
  return accept.includes('text/html') && accept.includes('application/xhtml+xml');
}
