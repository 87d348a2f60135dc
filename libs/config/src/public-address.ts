import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Endings of names that only a network of one's own knows (RFC 2606, 6762, 8375, and what is used). */
const OWN = /(?:^|\.)(?:local|localhost|lan|home|internal|intranet|corp|home\.arpa|test|invalid|example)$/;

/** Whether an address is one that anybody on the net may reach: no loopback, no private network, no name of such a one. */
export function isPublicAddress(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return ipaddr.process(host).range() === 'unicast';
  return host.includes('.') && !OWN.test(host);
}
