import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address as it was read; IPv4-mapped IPv6 is IPv4. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** ipaddr.js takes this obsolete form for an IPv4-mapped address, which it is not. */
const IPV4_COMPATIBLE = /^::[\d.]+\.\d+$/;

/** Gives the canonical form of an address in a list: `::FFFF:10.1.2.3` is `10.1.2.3`. None for what is no address. */
export function parseAddress(text: string): string | undefined {
  return parseStrictly(text) && ipaddr.process(text).toString();
}

/**
 * Gives the canonical form of a network in CIDR notation: bits behind the prefix are cleared (`10.1.2.3/8` is
 * `10.0.0.0/8`), an IPv4 network in IPv6 form is IPv4. None for what is no network.
 */
export function parseNetwork(text: string): string | undefined {
  const [, base = '', prefix] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = parseStrictly(base);
  const bits = Number(prefix);
  if (!address || bits > address.toByteArray().length * 8) return undefined;
  if (address instanceof ipaddr.IPv4) return ipv4Network(address, bits);
  if (address.isIPv4MappedAddress() && bits >= 96) return ipv4Network(address.toIPv4Address(), bits - 96);
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
}

/** Reads the address of a caller, who may come from a link with a zone (`fe80::1%eth0`). None for what is no address. */
export function readCaller(text: string): Address | undefined {
  const [address = ''] = text.split('%');
  return parseStrictly(address) && ipaddr.process(address);
}

/** Whether the address is in the network, which has its canonical form. The families never meet: `::/0` has no IPv4. */
export function isWithin(address: Address, network: string): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  return base.kind() === address.kind() && address.match(base, bits);
}

/** Only full forms: `10.1`, `010.0.0.1` and `0x7f.1` mean one thing here and another one elsewhere. */
function parseStrictly(text: string): Address | undefined {
  if (!isIP(text) || text.includes('%') || IPV4_COMPATIBLE.test(text)) return undefined;
  return ipaddr.parse(text);
}

function ipv4Network(address: ipaddr.IPv4, bits: number): string {
  return `${ipaddr.IPv4.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
}
