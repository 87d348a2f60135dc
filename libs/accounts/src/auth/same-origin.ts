import { ContractError } from '@app/contract';
import type { FastifyRequest } from 'fastify';

/** What changes nothing may come from anywhere: no other site can read the answer. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a request that a browser makes for another site's page. `SameSite=Strict` is not enough: to a browser another
 * port of the same host is the same site, and sends the cookie along.
 *
 * Browsers say where a request comes from in `Sec-Fetch-Site`, which no page can forge; where there is none (old ones,
 * and plain http to anything but this machine) the `Origin` has to be ours: that of PUBLIC_URL, or the request's own host.
 * @param publicUrl what links begin with
 * @throws ContractError crossSiteRequest
 */
export function requireSameOrigin(request: FastifyRequest, publicUrl: string): void {
  if (!SAFE.has(request.method) && !isSameOrigin(request, publicUrl)) throw new ContractError('crossSiteRequest');
}

/** As `requireSameOrigin`, for who carries no cookie yet: a program, which says nothing of sites, may pass. */
export function refuseOtherSites(request: FastifyRequest, publicUrl: string): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site === undefined && origin === undefined) return;
  requireSameOrigin(request, publicUrl);
}

function isSameOrigin(request: FastifyRequest, publicUrl: string): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined) return site === 'same-origin';
  if (origin === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === new URL(publicUrl).origin || url.host === request.host;
}
