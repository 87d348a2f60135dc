import ipaddr from 'ipaddr.js';

/**
 * The network that an address is counted as when somebody is throttled: an IPv4 address itself (also in its IPv6-mapped
 * form), the /64 of an IPv6 address, since a single customer has at least that many. What is no address is all one.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const prefix = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${prefix.join(':')}::/64`;
}
