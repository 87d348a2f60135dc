import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** How much of an address is kept. */
export type AddressKept = 'full' | 'network' | 'none';

/** Bits of a network: so many customers share it that none is told apart. */
const BITS = { ipv4: 24, ipv6: 48 };

/** @returns e.g. `203.0.113.7`, `203.0.113.0/24`, or nothing */
export function keptAddress(address: string, kept: AddressKept): string | undefined {
  // As nearly all are, and of every event there is one.
  if (kept === 'full' && isIPv4(address)) return address;
  if (kept === 'none' || !ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  if (kept === 'full') return parsed.toString();
  const bits = BITS[parsed.kind()];
  const { IPv4, IPv6 } = ipaddr;
  const network = (parsed instanceof IPv4 ? IPv4 : IPv6).networkAddressFromCIDR(`${parsed.toString()}/${bits}`);
  return `${network.toString()}/${bits}`;
}
