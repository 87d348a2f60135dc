import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';

/** `203.0.113.7:54321` (Azure, IIS, AWS), `[2001:db8::1]` and `[2001:db8::1]:443`. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/;
/** `for=` of one element of `Forwarded` (RFC 7239). */
const FOR = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i;
/** An address that nobody has: no restriction admits it, and its senders share one throttle. */
const NOBODY = 'unknown';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Brings what proxies say of a client into the one form that Fastify reads: `X-Forwarded-For` with bare addresses.
 * `Forwarded` is read where it is the one header that came. Where both came and say different things, one of them is the
 * client's own and nobody can tell which, so neither is believed.
 * @param trusted networks of the proxies, in CIDR notation
 */
export function forwardedReader(trusted: readonly string[]): (headers: IncomingHttpHeaders) => void {
  const networks = trusted.map(networkOf);
  const isTrusted = (address: string) => ipaddr.isValid(address) && networks.some((network) => holds(network, address));
  /** As Fastify finds the client: the last one that is no proxy of ours. */
  const clientOf = (chain: readonly string[]) => chain.findLast((address) => !isTrusted(address)) ?? chain[0];
  return (headers) => {
    const plain = splitList(headers['x-forwarded-for']).map(withoutPort);
    const standard = splitList(headers.forwarded).map(addressOf);
    if (plain.length === 0 && standard.length === 0) return;
    const chain = plain.length > 0 ? plain : standard;
    const agreed = standard.length === 0 || sameAddress(clientOf(chain), clientOf(standard));
    headers['x-forwarded-for'] = agreed ? chain.join(', ') : NOBODY;
  };
}

function splitList(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  // A comma within quotation marks separates nothing.
  return [...text.matchAll(/(?:[^,"]|"[^"]*")+/g)].map(([entry]) => entry.trim()).filter((entry) => entry !== '');
}

function withoutPort(entry: string): string {
  const [, six, four] = WITH_PORT.exec(entry) ?? [];
  return six ?? four ?? entry;
}

function addressOf(element: string): string {
  const [, quoted, plain] = FOR.exec(element) ?? [];
  return withoutPort(quoted ?? plain ?? '') || NOBODY;
}

function sameAddress(one: string | undefined, other: string | undefined): boolean {
  if (!one || !other || !ipaddr.isValid(one) || !ipaddr.isValid(other)) return one === other;
  return ipaddr.process(one).toString() === ipaddr.process(other).toString();
}

function networkOf(entry: string): Network {
  if (entry.includes('/')) return ipaddr.parseCIDR(entry);
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function holds([network, bits]: Network, text: string): boolean {
  const address = ipaddr.process(text);
  return address.kind() === network.kind() && address.match(network, bits);
}
