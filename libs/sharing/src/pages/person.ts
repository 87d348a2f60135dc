import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a person's browser has gone to this address, and so wants a page. Browsers say so (`Sec-Fetch-Dest`); an old one
 * that does not is known by an `Accept` that no program sends. Whoever asks for a range wants bytes.
 */
export function isNavigation(headers: IncomingHttpHeaders): boolean {
  if (headers.range !== undefined) return false;
  const tells = Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
  if (tells) return headers['sec-fetch-dest'] === 'document';
  const { accept = '' } = headers;
  return accept.includes('text/html') && accept.includes('application/xhtml+xml');
}
